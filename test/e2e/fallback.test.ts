import { describe, expect, it } from "vitest";
import { openAi, scriptNext } from "../support/clients.ts";

const client = openAi();

function ask(model: string, script: string, extra: object = {}) {
  return client.chat.completions.create({
    model,
    messages: [{ role: "user", content: `Hello.\nsimulator: ${script}` }],
    ...extra,
  });
}

describe("before the first content", () => {
  it.each(["simulated/flaky", "simulated/down"])(
    "%s is answered by its second provider",
    async (model) => {
      const answer = await ask(model, "tokens=4");
      expect(answer.model).toBe(model);
      expect(answer.usage?.completion_tokens).toBe(4);
    },
  );

  it.each(["status:500", "refuse", "empty", "role_only", "error_first", "garbage"])(
    "a model that fails by %s is followed by the next of `models`, streamed",
    async (fault) => {
      await scriptNext("sim-claude", `fault=${fault}`);
      const stream = await client.chat.completions.create({
        model: "simulated/claude",
        stream: true,
        messages: [{ role: "user", content: "Hello." }],
        ...({ models: ["simulated/claude", "simulated/gemini"] } as object),
      });
      const models = new Set<string>();
      let text = "";
      for await (const chunk of stream) {
        models.add(chunk.model);
        text += chunk.choices[0]?.delta.content ?? "";
      }
      expect([...models]).toEqual(["simulated/gemini"]);
      expect(text).toMatch(/\S/);
    },
  );
});
