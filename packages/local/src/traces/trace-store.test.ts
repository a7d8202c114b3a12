import { describe, expect, it } from "vitest";
import { makeSpan } from "./__fixtures__/make-span.ts";
import { TraceStore } from "./trace-store.ts";

const GENERATION = "gen_ai.response.id";

describe("TraceStore", () => {
  it("finds a trace by its id, by a generation id, and the last request without one", () => {
    const store = new TraceStore();
    store.add([
      makeSpan({ traceId: "a", spanId: "1", attributes: { [GENERATION]: "gen-1-x" } }),
      makeSpan({ traceId: "b", spanId: "2" }),
    ]);
    expect(store.find("b")?.traceId).toBe("b");
    expect(store.find("gen-1-x")?.traceId).toBe("a");
    expect(store.find()?.traceId).toBe("a");
    expect(store.find("none")).toBeUndefined();
  });

  it("adds the spans of other traces that link to it, and what is below them", () => {
    const store = new TraceStore();
    store.add([
      makeSpan({ traceId: "a", spanId: "1" }),
      makeSpan({ traceId: "b", spanId: "2", links: [{ traceId: "a", spanId: "1" }], startMs: 5 }),
      makeSpan({ traceId: "b", spanId: "3", parentSpanId: "2", startMs: 6 }),
      makeSpan({ traceId: "b", spanId: "4", startMs: 7 }),
    ]);
    expect(store.find("a")?.linked.map((span) => span.spanId)).toEqual(["2", "3"]);
  });

  it("keeps the last 1,000 traces and nothing of those before", () => {
    const store = new TraceStore();
    for (let index = 0; index < 1_500; index += 1) {
      const attributes = { [GENERATION]: `gen-${index}` };
      store.add([makeSpan({ traceId: `t${index}`, spanId: "1", attributes })]);
    }
    expect(store.list()).toHaveLength(1_000);
    expect(store.list()[0]?.traceId).toBe("t1499");
    expect(store.find("gen-499")).toBeUndefined();
    expect(store.find("gen-500")?.traceId).toBe("t500");
  });

  it("bounds the spans of one trace and of all together", () => {
    const store = new TraceStore();
    for (let index = 0; index < 60; index += 1) {
      const spans = Array.from({ length: 3_000 }, (_, id) =>
        makeSpan({ traceId: `t${index}`, spanId: String(id) }),
      );
      store.add(spans);
    }
    const kept = store.list();
    expect(Math.max(...kept.map((trace) => trace.spans))).toBe(2_000);
    expect(kept.reduce((sum, trace) => sum + trace.spans, 0)).toBeLessThanOrEqual(50_000);
  });
});
