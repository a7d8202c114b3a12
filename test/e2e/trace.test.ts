import type { Span, Trace } from "@fairlead/local";
import { describe, expect, it } from "vitest";
import { openAi, platform } from "../support/clients.ts";

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

describe.each([false, true])("a request (stream: %s) is one trace", (stream) => {
  it("over gateway, router, adapter, the bus and the ledger", async () => {
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
    await expect
      .poll(async () => edges(await readTrace(generationId)), { timeout: 15_000 })
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
  it("shows both attempts under one request", async () => {
    const { response } = await openAi()
      .chat.completions.create({
        model: "simulated/down",
        messages: [{ role: "user", content: "Hello." }],
        ...({ provider: { sort: "price" } } as object),
      })
      .withResponse();
    const generationId = response.headers.get("x-generation-id") ?? "";
    await expect
      .poll(async () => (await readTrace(generationId)).spans.map((span) => span.name), {
        timeout: 15_000,
      })
      .toContain("chat simulated/down");
    const { spans } = await readTrace(generationId);
    const attempts = spans.filter((span) => span.name.startsWith("attempt "));
    expect(attempts.length).toBeGreaterThanOrEqual(1);
    expect(attempts.at(-1)?.isError).toBe(false);
  });
});
