import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Span, Trace } from "@fairlead/local";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openAi, platform } from "../support/clients.ts";

const MODEL = "traced/twice";
const PATIENCE = { timeout: 30_000, interval: 100 };

/** What has arrived of a request's trace: each service sends its spans once a second. */
async function readTrace(generationId: string): Promise<Trace> {
  const response = await fetch(`${platform().otlpUrl}/traces/${generationId}`);
  const none: Trace = { traceId: "", spans: [], linked: [] };
  return response.ok ? ((await response.json()) as Trace) : none;
}

/** Edges as `parent's service: name → child's service: name`. */
function edges({ spans }: Trace): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const label = (span: Span) => `${span.service.replace(/^fairlead-/, "")}: ${span.name}`;
  return spans.flatMap((span) => {
    const parent = span.parentSpanId === undefined ? undefined : byId.get(span.parentSpanId);
    return parent === undefined ? [] : [`${label(parent)} → ${label(span)}`];
  });
}

/** Asks once, and waits until the bill is posted. Returns the request's id. */
async function askTraced(stream: boolean): Promise<string> {
  const { data, response } = await openAi()
    .chat.completions.create({
      model: "simulated/claude",
      messages: [{ role: "user", content: "Hello." }],
      stream,
    })
    .withResponse();
  if (Symbol.asyncIterator in data) {
    for await (const _ of data) {
      // To its end.
    }
  }
  const generationId = response.headers.get("x-generation-id") ?? "";
  const isPosted = async () => {
    const { spans, linked } = await readTrace(generationId);
    return (
      spans.some(({ name }) => name === "post usage") ||
      linked.some(({ name }) => name === "process fairlead.usage.v1")
    );
  };
  await expect.poll(isPosted, PATIENCE).toBe(true);
  return generationId;
}

describe.each([false, true])("a request (stream: %s) is one trace", (stream) => {
  it("over gateway, router, adapter, the bus and the ledger", { timeout: 120_000 }, async () => {
    let generationId = "";
    // Bills that leave together are one batch, which is in the trace of the first and linked to the
    // others: after such a one, ask again.
    await expect
      .poll(
        async () => {
          generationId = await askTraced(stream);
          return edges(await readTrace(generationId));
        },
        { timeout: 90_000, interval: 500 },
      )
      .toEqual(
        expect.arrayContaining([
          "gateway: chat simulated/claude → gateway: plan",
          "gateway: plan → router: plan",
          "gateway: chat simulated/claude → gateway: attempt simulated-anthropic",
          "gateway: attempt simulated-anthropic → adapter: chat sim-claude",
          "gateway: chat simulated/claude → gateway: send fairlead.usage.v1",
          "gateway: send fairlead.usage.v1 → ledger: process fairlead.usage.v1",
          "ledger: process fairlead.usage.v1 → ledger: post usage",
        ]),
      );
    const trace = await readTrace(generationId);
    const root = trace.spans.find((span) => span.name === "chat simulated/claude");
    expect(root?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "simulated/claude",
      "gen_ai.response.id": generationId,
      "gen_ai.usage.output_tokens": 80,
    });
    const text = JSON.stringify(trace);
    expect(text).not.toContain("Hello.");
    expect(text).not.toContain(platform().apiKey);
  });
});

describe("a request that needed a second provider", () => {
  const providers = ["trace-first", "trace-second"];

  // Of its own, so that no other test has had one of them ejected.
  beforeAll(() => {
    const [simulator] = Object.values(platform().simulators);
    const keyFile = join(platform().home, "trace-key");
    writeFileSync(keyFile, "a key of the operator's own");
    const declare = (id: string, upstream: string) => ({
      id,
      name: id,
      dialect: "openai",
      base_url: `${simulator}/openai/v1`,
      api_key: { file: keyFile },
      models: [
        { id: MODEL, upstream, context_length: 8_000, price: { prompt: "1", completion: "2" } },
      ],
    });
    const [first = "", second = ""] = providers;
    const declared = [declare(first, "sim?fault=status:500"), declare(second, "sim-fast")];
    // JSON is YAML.
    writeFileSync(platform().catalogPath, JSON.stringify({ providers: declared }));
  });

  afterAll(() => writeFileSync(platform().catalogPath, "providers: []\n"));

  it("shows both attempts under one request", async () => {
    // Refused until the catalog is in effect: the first that is answered is the first that was
    // tried.
    const { response } = await vi.waitFor(
      () =>
        openAi()
          .chat.completions.create({
            model: MODEL,
            messages: [{ role: "user", content: "Hello." }],
            ...({ provider: { order: providers } } as object),
          })
          .withResponse(),
      PATIENCE,
    );
    const generationId = response.headers.get("x-generation-id") ?? "";
    const attempts = async () => {
      const { spans } = await readTrace(generationId);
      const root = spans.find(({ name }) => name === `chat ${MODEL}`);
      return spans
        .filter(
          ({ name, parentSpanId }) => name.startsWith("attempt ") && parentSpanId === root?.spanId,
        )
        .map(({ name, isError }) => ({ name, isError }));
    };
    await expect.poll(attempts, PATIENCE).toEqual([
      { name: "attempt trace-first", isError: true },
      { name: "attempt trace-second", isError: false },
    ]);
  });
});
