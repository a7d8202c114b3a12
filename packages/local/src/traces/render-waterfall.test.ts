import { describe, expect, it } from "vitest";
import { makeSpan } from "./__fixtures__/make-span.ts";
import { renderWaterfall } from "./render-waterfall.ts";

const plain = { width: 80, hasColor: false };

describe("renderWaterfall", () => {
  it("draws the tree with bars on one time line", () => {
    const spans = [
      makeSpan({ spanId: "1", name: "chat", startMs: 0, endMs: 100 }),
      makeSpan({ spanId: "3", parentSpanId: "1", name: "call", startMs: 50, endMs: 100 }),
      makeSpan({ spanId: "2", parentSpanId: "1", name: "plan", startMs: 10, endMs: 12 }),
      makeSpan({ spanId: "4", parentSpanId: "3", service: "adapter", name: "http", startMs: 75 }),
    ].map((span) => ({ ...span, endMs: Math.max(span.endMs, span.startMs) }));
    const [head, , ...lines] = renderWaterfall({ traceId: "t", spans, linked: [] }, plain).split(
      "\n",
    );
    expect(head).toBe("trace t  1970-01-01T00:00:00.000Z  100.00 ms  4 spans");
    expect(lines.map((line) => line.replace(/\s*[█▏▎▍▌▋▊▉]+\s*/, "|"))).toEqual([
      "gateway  chat|100.00 ms",
      "gateway  ├ plan|2.00 ms",
      "gateway  └ call|50.00 ms",
      "adapter    └ http|0.00 ms",
    ]);
    const bars = lines.map((line) => line.slice(19, -11));
    expect(new Set(bars.map((bar) => bar.length)).size).toBe(1);
    expect(bars[2]?.indexOf("█")).toBe(Math.round((bars[0] as string).length / 2));
  });

  it("marks a span that failed with its error code", () => {
    const spans = [makeSpan({ isError: true, attributes: { "error.type": "timeout" } })];
    expect(renderWaterfall({ traceId: "t", spans, linked: [] }, plain)).toContain("✗ timeout");
    const colored = renderWaterfall(
      { traceId: "t", spans, linked: [] },
      { ...plain, hasColor: true },
    );
    expect(colored).toContain("\u001b[31m");
  });

  it("shows linked spans after the trace, on the same time line", () => {
    const linked = [
      makeSpan({
        traceId: "b",
        spanId: "9",
        service: "ledger",
        name: "post",
        startMs: 20,
        endMs: 30,
      }),
    ];
    const text = renderWaterfall({ traceId: "t", spans: [makeSpan({})], linked }, plain);
    expect(text).toMatch(/linked to this trace:\nledger .*post.*10\.00 ms$/);
  });

  it("draws a span whose parent is not here, and one of no length", () => {
    const spans = [makeSpan({ parentSpanId: "elsewhere", endMs: 0 })];
    expect(renderWaterfall({ traceId: "t", spans, linked: [] }, plain)).toContain("▏");
  });
});
