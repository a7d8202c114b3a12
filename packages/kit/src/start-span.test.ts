import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import { RateAndRatioSampler } from "./sampler.ts";
import { startSpan } from "./start-span.ts";
import { toTraceparent } from "./traceparent.ts";

function createTracer(ratio: number) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: new RateAndRatioSampler({ perSecond: 0, ratio }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  return { tracer: provider.getTracer("test"), exporter };
}

describe("startSpan", () => {
  it("makes children of a span and of a header, with links", () => {
    const { tracer, exporter } = createTracer(1);
    const root = startSpan(tracer, "root");
    const child = startSpan(tracer, "child", { parent: root });
    const remote = startSpan(tracer, "remote", {
      parent: toTraceparent(child),
      links: [toTraceparent(root), "not a header"],
    });
    for (const span of [remote, child, root]) {
      span.end();
    }
    const [remoteSpan, childSpan, rootSpan] = exporter.getFinishedSpans();
    expect(childSpan?.parentSpanContext?.spanId).toBe(rootSpan?.spanContext().spanId);
    expect(remoteSpan?.parentSpanContext?.spanId).toBe(childSpan?.spanContext().spanId);
    expect(remoteSpan?.links).toHaveLength(1);
  });

  it("begins nothing below a parent that is not recorded, here or elsewhere", () => {
    const { tracer, exporter } = createTracer(0);
    const root = startSpan(tracer, "root");
    const child = startSpan(tracer, "child", { parent: root });
    const header = toTraceparent(child);
    expect(header).toMatch(/-00$/);
    const remote = startSpan(createTracer(1).tracer, "remote", { parent: header });
    expect(remote.isRecording()).toBe(false);
    for (const span of [remote, child, root]) {
      span.end();
    }
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
