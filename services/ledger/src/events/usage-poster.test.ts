import { create } from "@bufbuild/protobuf";
import { createLogger } from "@fairlead/kit";
import { UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import { INVALID_SPAN_CONTEXT, metrics, type Tracer, trace } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import type { UsageStore } from "../store/usage-store.ts";
import { createUsageMetrics } from "./usage-metrics.ts";
import { UsagePoster } from "./usage-poster.ts";

const recorded = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
const unrecorded = `00-${"c".repeat(32)}-${"d".repeat(16)}-00`;

/** The names of the spans begun for a batch of events with these traces. */
async function post(traceparents: readonly string[], parent?: string): Promise<string[]> {
  const startSpan = vi.fn((_name: string) => trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  const poster = new UsagePoster({
    // Events without an account are put aside, so nothing else is asked of it.
    store: { savePoison: async () => undefined } as unknown as UsageStore,
    tracer: { startSpan } as unknown as Tracer,
    metrics: createUsageMetrics(metrics.getMeter("test")),
    logger: createLogger({ service: "test", level: "silent" }),
  });
  const events = traceparents.map((traceparent) => create(UsageEventSchema, { traceparent }));
  await poster.post(events, { source: "test", parent });
  return startSpan.mock.calls.map(([name]) => name);
}

describe("the span of a posting", () => {
  it("is there when the delivery or a request of the batch is recorded", async () => {
    const names = ["process fairlead.usage.v1"];
    expect(await post(["", unrecorded, recorded])).toEqual(names);
    expect(await post(["", unrecorded, recorded], unrecorded)).toEqual(names);
    expect(await post([""], recorded)).toEqual(names);
  });

  it("is not begun when nothing of the batch is recorded", async () => {
    expect(await post(["", unrecorded])).toEqual([]);
    expect(await post(["", unrecorded], unrecorded)).toEqual([]);
  });
});
