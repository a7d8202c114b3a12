import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSimulator, type Simulator } from "@fairlead/simulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAi, platform } from "../support/clients.ts";

const recordings = resolve(import.meta.dirname, "../../packages/providers/src");

/** Recorded answers of real providers: where they lie, the dialect, the stems of the files. */
const recorded = [
  {
    dialect: "openai",
    path: "/openai/v1",
    folder: "openai-compatible/__fixtures__/groq",
    stems: ["groq-text", "groq-reasoning", "groq-tool-call"],
  },
  {
    dialect: "openai",
    path: "/openai/v1",
    folder: "openai-compatible/__fixtures__/mistral",
    stems: ["mistral-text", "mistral-reasoning", "mistral-tool-call"],
  },
  {
    dialect: "anthropic",
    path: "/anthropic/v1",
    folder: "anthropic/__fixtures__",
    stems: ["anthropic-text", "anthropic-json-tool.1", "anthropic-claude-opus-5-reasoning-high.1"],
  },
  {
    dialect: "gemini",
    path: "/gemini/v1beta",
    folder: "gemini/__fixtures__",
    stems: ["google-text", "google-reasoning", "google-tool-call", "google-tool-call-gemini3"],
  },
].map((group, index) => ({ ...group, provider: `replay-${index}` }));

const cases = recorded.flatMap(({ folder, stems }) => stems.map((stem) => ({ stem, folder })));
const simulators: Simulator[] = [];

/** The recordings are served by simulators that the operator's catalog declares as providers. */
beforeAll(async () => {
  const keyFile = join(platform().home, "replay-key");
  writeFileSync(keyFile, "a key of the operator's own");
  const providers = [];
  for (const { provider, dialect, path, folder, stems } of recorded) {
    const simulator = createSimulator({ fixturesDir: join(recordings, folder) });
    await simulator.listen();
    simulators.push(simulator);
    providers.push({
      id: provider,
      name: `Replay of ${folder}`,
      dialect,
      base_url: simulator.url + path,
      api_key: { file: keyFile },
      models: stems.map((stem) => ({
        id: modelOf(stem),
        upstream: `replay/${stem}`,
        context_length: 200_000,
        max_completion_tokens: 32_000,
        price: { prompt: "1", completion: "2" },
      })),
    });
  }
  // JSON is YAML.
  writeFileSync(platform().catalogPath, JSON.stringify({ providers }));
  // In effect without a restart, once the router lists it and a worker serves it.
  await vi.waitFor(
    () => openAi().chat.completions.create({ model: modelOf("google-text"), messages: question }),
    { timeout: 30_000, interval: 100 },
  );
});

afterAll(async () => {
  writeFileSync(platform().catalogPath, "providers: []\n");
  await Promise.all(simulators.map((simulator) => simulator.close()));
});

const question = [{ role: "user" as const, content: "What did you say?" }];

function modelOf(stem: string): string {
  return `replay/${stem.replaceAll(".", "-")}`;
}

interface Golden {
  readonly completion: { choices: { message: Record<string, unknown> }[] };
  readonly usage: { promptTokens: number; completionTokens: number };
  readonly finishReason: string;
}

function readGolden(folder: string, stem: string): Golden {
  return JSON.parse(
    readFileSync(join(recordings, folder, `${stem}.golden.json`), "utf8"),
  ) as Golden;
}

describe("a recorded answer through the whole platform", () => {
  it.each(cases)("$stem", async ({ stem, folder }) => {
    const golden = readGolden(folder, stem);
    const answer = await openAi().chat.completions.create({
      model: modelOf(stem),
      messages: question,
    });
    const { content, tool_calls } = golden.completion.choices[0]?.message ?? {};
    expect(answer.choices[0]?.message.content).toEqual(content);
    // Gemini gives no ids: ours differ from one answer to the next.
    const functions = (calls: unknown) =>
      (calls as { function: unknown }[] | undefined)?.map((call) => call.function);
    expect(functions(answer.choices[0]?.message.tool_calls)).toEqual(functions(tool_calls));
    expect(answer.choices[0]?.finish_reason).toBe(golden.finishReason);
    expect(answer.usage).toMatchObject({
      prompt_tokens: golden.usage.promptTokens,
      completion_tokens: golden.usage.completionTokens,
    });
  });

  const streamed = cases.filter(({ stem }) =>
    /text|tool-call$|json-tool|mistral-reasoning/.test(stem),
  );
  it.each(streamed.filter(({ stem }) => stem !== "groq-text"))(
    "$stem, streamed",
    async ({ stem }) => {
      const stream = openAi().chat.completions.stream({ model: modelOf(stem), messages: question });
      const answer = await stream.finalChatCompletion();
      const message = answer.choices[0]?.message;
      expect(message?.content || message?.tool_calls?.length).toBeTruthy();
      for (const call of message?.tool_calls ?? []) {
        expect(call.type === "function" && JSON.parse(call.function.arguments)).toBeTypeOf(
          "object",
        );
      }
      expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
    },
  );
});
