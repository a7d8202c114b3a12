import { attr } from "@fairlead/kit";
import {
  type Span,
  type SpanOptions,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { noUsage } from "../domain/complete-usage.ts";
import { faults } from "../domain/faults.ts";
import type { AttemptReport } from "../generation/attempt-report.ts";
import { recordAttemptSpan } from "./record-attempt-span.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const report = {
  binding: { slug: "openai", host: "api.openai.test" },
  endpointId: "0123456789abcdef",
  attempt: 2,
  model: "openai/gpt",
  upstreamModel: "gpt",
  isStream: true,
  traceparent,
  startedAtMs: 1_000,
  durationMs: 250,
  firstTokenMs: 50,
  counted: { ...noUsage, usage: { ...noUsage.usage, promptTokens: 7, completionTokens: 9 } },
  finishReason: "stop",
  responseModel: "gpt-2026",
  upstreamId: "chatcmpl-1",
  fault: undefined,
  isCancelled: false,
} as unknown as AttemptReport;

function record(changes: Partial<AttemptReport>) {
  const span = { setAttribute: vi.fn(), setStatus: vi.fn(), end: vi.fn() };
  const startSpan = vi.fn((_name: string, _options: SpanOptions) => span as unknown as Span);
  recordAttemptSpan({ startSpan } as unknown as Tracer, { ...report, ...changes });
  return { span, startSpan, options: startSpan.mock.lastCall?.[1] };
}

describe("recordAttemptSpan", () => {
  it("describes the call by the GenAI conventions", () => {
    const { span, startSpan, options } = record({});
    expect(startSpan.mock.lastCall?.[0]).toBe("chat gpt");
    expect(options).toMatchObject({ kind: SpanKind.CLIENT, startTime: 1_000 });
    expect(options?.attributes).toMatchObject({
      [attr.operationName]: "chat",
      [attr.providerName]: "openai",
      [attr.requestModel]: "gpt",
      [attr.requestStream]: true,
      [attr.serverAddress]: "api.openai.test",
      [attr.responseModel]: "gpt-2026",
      [attr.responseFinishReasons]: ["stop"],
      [attr.responseTimeToFirstChunk]: 0.05,
      [attr.usageInputTokens]: 7,
      [attr.usageOutputTokens]: 9,
      [attr.attempt]: 2,
    });
    expect(span.end).toHaveBeenCalledWith(1_250);
  });

  it("names a failure by its code and repeats no words of the provider", () => {
    const fault = { ...faults.cut("", 503), message: "the prompt was: secret" };
    const { span } = record({ fault });
    expect(span.setAttribute).toHaveBeenCalledWith(attr.errorType, "provider_unavailable");
    expect(span.setStatus).toHaveBeenCalledWith({
      code: SpanStatusCode.ERROR,
      message: "provider_unavailable",
    });
  });

  it("records nothing of a trace that nobody records", () => {
    expect(record({ traceparent: undefined }).startSpan).not.toHaveBeenCalled();
    const unsampled = traceparent.replace(/01$/, "00");
    expect(record({ traceparent: unsampled }).startSpan).not.toHaveBeenCalled();
  });
});
