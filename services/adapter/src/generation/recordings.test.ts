import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callGenerate } from "../testing/call-generate.ts";
import { startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

const root = join(import.meta.dirname, "../../../../packages/providers/src");
const folders = [
  ["simulated-anthropic", "anthropic/__fixtures__"],
  ["simulated-gemini", "gemini/__fixtures__"],
  ["simulated-openai", "openai-compatible/__fixtures__/openai"],
  ["simulated-openai", "openai-compatible/__fixtures__/deepseek"],
] as const;
const goldenSuffix = ".golden.sse";

/** What the recordings were translated for. */
const request = {
  generationId: "gen-1700000000-abcdefghijklmnopqrst",
  created: 1_700_000_000n,
  model: "author/model",
  providerName: "Acme AI",
};

describe.each(folders)("recordings of %s in %s", (provider, folder) => {
  const fixturesDir = join(root, folder);
  const stems = readdirSync(fixturesDir)
    .filter((name) => name.endsWith(goldenSuffix))
    .map((name) => name.slice(0, -goldenSuffix.length));
  let adapter: TestAdapter;
  beforeAll(async () => {
    adapter = await startAdapter({ fixturesDir });
  });
  afterAll(() => adapter.close());

  it.each(stems)("%s crosses sockets and the link unchanged", async (stem) => {
    const golden = readFileSync(join(fixturesDir, stem + goldenSuffix), "utf8");
    const state = golden.lastIndexOf("\n\n") + 2;
    const run = await callGenerate(adapter.link, `replay/${stem}`, { provider, request }).ended;
    expect(run.error?.message).toBeUndefined();
    expect(run.text).toBe(golden.slice(0, state));
    const { finishReason, usage, upstreamId } = JSON.parse(golden.slice(state));
    expect(run.end?.finishReason).toBe(finishReason);
    expect(run.end?.usage?.completionTokens).toBe(BigInt(usage.completionTokens));
    expect(run.start?.upstreamId).toBe(upstreamId);
  });
});
