import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { RateAndRatioSampler } from "./sampler.ts";

const traceId = "f".repeat(32);

function countSampled(sampler: RateAndRatioSampler, times: number): number {
  let sampled = 0;
  for (let count = 0; count < times; count += 1) {
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId);
    sampled += decision === SamplingDecision.RECORD_AND_SAMPLED ? 1 : 0;
  }
  return sampled;
}

describe("RateAndRatioSampler", () => {
  it("records the first traces of each second, and the share beyond them", () => {
    let now = 0;
    const sampler = new RateAndRatioSampler({ perSecond: 10, ratio: 0, now: () => now });
    expect(countSampled(sampler, 100)).toBe(10);
    now = 500;
    expect(countSampled(sampler, 100)).toBe(5);
    now = 60_000;
    expect(countSampled(sampler, 100)).toBe(10);
    expect(countSampled(new RateAndRatioSampler({ perSecond: 0, ratio: 1 }), 100)).toBe(100);
  });

  it("follows the parent whatever the budget says", () => {
    const sampler = new RateAndRatioSampler({ perSecond: 0, ratio: 0 });
    const within = (traceFlags: number) =>
      sampler.shouldSample(
        trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: "a".repeat(16), traceFlags }),
        traceId,
      ).decision;
    expect(within(1)).toBe(SamplingDecision.RECORD_AND_SAMPLED);
    expect(within(0)).toBe(SamplingDecision.NOT_RECORD);
  });
});
