import { attr, isSampled, startSpan } from "@fairlead/kit";
import { type Attributes, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { AttemptReport } from "../generation/attempt-report.ts";

const SECOND_MS = 1_000;

/**
 * Records an attempt as a span, once it is over: a request whose trace nobody records costs one
 * look at a character. The trace context is not passed on to the provider.
 */
export function recordAttemptSpan(tracer: Tracer, report: AttemptReport): void {
  if (!isSampled(report.traceparent)) {
    return;
  }
  const span = startSpan(tracer, `chat ${report.upstreamModel}`, {
    kind: SpanKind.CLIENT,
    parent: report.traceparent,
    startTime: report.startedAtMs,
    attributes: { ...describeRequest(report), ...describeAnswer(report) },
  });
  if (report.fault !== undefined) {
    span.setAttribute(attr.errorType, report.fault.code);
    span.setStatus({ code: SpanStatusCode.ERROR, message: report.fault.code });
  }
  span.end(report.startedAtMs + report.durationMs);
}

function describeRequest(report: AttemptReport): Attributes {
  return {
    [attr.operationName]: "chat",
    [attr.providerName]: report.binding.slug,
    [attr.requestModel]: report.upstreamModel,
    [attr.requestStream]: report.isStream,
    [attr.serverAddress]: report.binding.host,
    [attr.endpointId]: report.endpointId,
    [attr.attempt]: report.attempt,
  };
}

function describeAnswer(report: AttemptReport): Attributes {
  const { usage } = report.counted;
  const httpStatus = report.fault?.httpStatus ?? 0;
  return {
    ...(report.responseModel !== "" && { [attr.responseModel]: report.responseModel }),
    ...(report.upstreamId !== "" && { [attr.responseId]: report.upstreamId }),
    ...(report.finishReason !== "" && { [attr.responseFinishReasons]: [report.finishReason] }),
    ...(httpStatus > 0 && { [attr.httpResponseStatusCode]: httpStatus }),
    ...(report.firstTokenMs > 0 && {
      [attr.responseTimeToFirstChunk]: report.firstTokenMs / SECOND_MS,
      [attr.usageInputTokens]: usage.promptTokens,
      [attr.usageOutputTokens]: usage.completionTokens,
      [attr.usageCacheReadTokens]: usage.cachedTokens,
      [attr.usageCacheCreationTokens]: usage.cacheWriteTokens,
      [attr.usageReasoningTokens]: usage.reasoningTokens,
    }),
    ...(report.isCancelled && { [attr.outcome]: "cancelled" }),
  };
}
