import type { Span, Trace } from "@fairlead/local";
import { describe, expect, it } from "vitest";
import { openAi, platform } from "../support/clients.ts";

/** The trace of a request, once the last of its spans has arrived. */
async function traceOf(generationId: string, lastSpan: string): Promise<Trace> {
  const read = async () => {
    const response = await fetch(`${platform().otlpUrl}/traces/${generationId}`);
    return response.ok ? ((await response.json()) as Trace) : undefined;
  };
  await expect
    .poll(async () => (await read())?.spans.map((span) => span.name), { timeout: 15_000 })
    .toContain(lastSpan);
  const trace = await read();
  if (trace === undefined) {
    throw new Error("the trace is gone");
  }
  return trace;
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
    const trace = await traceOf(generationId, "post usage");
    expect(edges(trace)).toEqual(
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
    const trace = await traceOf(response.headers.get("x-generation-id") ?? "", "post usage");
    const attempts = trace.spans.filter((span) => span.name.startsWith("attempt "));
    expect(attempts.length).toBeGreaterThanOrEqual(1);
    expect(attempts.at(-1)?.isError).toBe(false);
  });
});
