import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { openAi, platform, scriptNext } from "../support/clients.ts";

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

  it("is told to a client that asks for `openrouter_metadata`", async () => {
    const headers = { "X-OpenRouter-Metadata": "enabled" };
    const answer = await client.chat.completions.create(
      {
        model: "simulated/flaky",
        messages: [{ role: "user", content: "Hello.\nsimulator: tokens=4" }],
        ...({ provider: { ignore: ["simulated-refusing"] } } as object),
      },
      { headers },
    );
    expect(answer).toMatchObject({
      openrouter_metadata: {
        requested: "simulated/flaky",
        strategy: "direct",
        attempt: 1,
        attempts: [{ model: "simulated/flaky", status: 200 }],
        // The one that is ignored is counted.
        endpoints: { total: 2, available: [{ model: "simulated/flaky", selected: true }] },
      },
    });
  });

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

describe("a model with more endpoints than a request has attempts", () => {
  afterAll(() => writeFileSync(platform().catalogPath, "providers: []\n"));

  it("leaves an attempt for the next of `models`", async () => {
    const providers = Array.from({ length: 6 }, (_, index) => ({
      id: `nobody-${index}`,
      dialect: "openai",
      // Nothing listens there.
      base_url: "http://127.0.0.1:9/v1",
      models: [{ id: "nobody/home", price: { prompt: "0", completion: "0" } }],
    }));
    // JSON is YAML.
    writeFileSync(platform().catalogPath, JSON.stringify({ providers }));
    await vi.waitFor(
      async () => {
        const { data } = await openAi().models.list();
        expect(data.map(({ id }) => id)).toContain("nobody/home");
      },
      { timeout: 10_000, interval: 100 },
    );
    await expect(ask("nobody/home", "tokens=1")).rejects.toMatchObject({ status: 502 });
    const answer = await ask("nobody/home", "tokens=3", { models: ["simulated/fast"] });
    expect(answer.model).toBe("simulated/fast");
  });
});
