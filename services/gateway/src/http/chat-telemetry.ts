import type { ErrorCode } from "@fairlead/errors";
import { attr, startSpan, toTraceparent } from "@fairlead/kit";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { type Outcome, Outcome as outcomes } from "@fairlead/proto/usage/v1/usage";
import {
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { ChatMetrics } from "./chat-metrics.ts";
import { OPERATION, type RequestFacts } from "./request-facts.ts";

/** The spans and histograms of inference requests. No prompt and no key ever reaches them. */
export class ChatTelemetry {
  readonly #tracer: Tracer;
  readonly #metrics = new ChatMetrics();
  /** Requests between their admission and their end. */
  #inFlight = 0;
  #streams = 0;

  constructor() {
    this.#tracer = trace.getTracer("fairlead.gateway");
    const meter = metrics.getMeter("fairlead.gateway");
    meter
      .createObservableGauge("fairlead.gateway.requests", { unit: "{request}" })
      .addCallback((result) => result.observe(this.#inFlight));
    meter
      .createObservableGauge("fairlead.gateway.streams", { unit: "{stream}" })
      .addCallback((result) => result.observe(this.#streams));
  }

  /** Requests between their admission and the moment when their bill is in the outbox. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** A request that was refused before any attempt. */
  reject(code: ErrorCode): void {
    this.#metrics.countRejection(code);
  }

  startRequest(model: string, isStream: boolean, clientTrace: string | undefined): Span {
    this.#inFlight += 1;
    this.#streams += isStream ? 1 : 0;
    return startSpan(this.#tracer, `${OPERATION} ${model}`, {
      kind: SpanKind.SERVER,
      // A stranger's trace is linked, not joined: it must not decide what is recorded here.
      ...(clientTrace !== undefined && { links: [clientTrace] }),
      attributes: {
        [attr.operationName]: OPERATION,
        [attr.requestModel]: model,
        [attr.requestStream]: isStream,
      },
    });
  }

  startPlan(parent: Span): Span {
    return parent.isRecording()
      ? startSpan(this.#tracer, "plan", { kind: SpanKind.CLIENT, parent })
      : parent;
  }

  startAttempt(parent: Span, candidate: Candidate, number: number): Span {
    if (!parent.isRecording()) {
      return parent;
    }
    return startSpan(this.#tracer, `attempt ${candidate.provider}`, {
      kind: SpanKind.CLIENT,
      parent,
      attributes: {
        [attr.providerName]: candidate.provider,
        [attr.requestModel]: candidate.model,
        [attr.endpointId]: candidate.endpointId,
        [attr.pool]: candidate.pool,
        [attr.attempt]: number,
      },
    });
  }

  /** Ends a child span; the request's own is left to `finish`. */
  endChild(span: Span | undefined, parent: Span, errorCode?: string): void {
    if (span === undefined || span === parent) {
      return;
    }
    if (errorCode !== undefined) {
      span.setAttribute(attr.errorType, errorCode);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }

  finish(span: Span, facts: RequestFacts): void {
    this.#inFlight -= 1;
    this.#streams -= facts.isStream ? 1 : 0;
    this.#metrics.record(facts);
    if (span.isRecording()) {
      describe(span, facts);
    }
    span.end();
  }
}

function describe(span: Span, facts: RequestFacts): void {
  const { event, end } = facts;
  span.setAttribute(attr.httpResponseStatusCode, facts.statusCode);
  span.setAttribute(attr.attempts, facts.attempts);
  if (event !== undefined) {
    span.setAttributes({
      [attr.responseId]: event.generationId,
      [attr.responseModel]: event.model,
      [attr.providerName]: event.provider,
      [attr.endpointId]: event.endpointId,
      [attr.costNano]: event.costNano.toString(),
      [attr.outcome]: nameOf(event.outcome),
      [attr.usageInputTokens]: Number(event.tokens?.promptTokens ?? 0n),
      [attr.usageOutputTokens]: Number(event.tokens?.completionTokens ?? 0n),
      [attr.usageCacheReadTokens]: Number(event.tokens?.cachedTokens ?? 0n),
      [attr.usageReasoningTokens]: Number(event.tokens?.reasoningTokens ?? 0n),
    });
  }
  if (end !== undefined) {
    span.setAttribute(attr.responseFinishReasons, [end.finishReason]);
  }
  if (facts.firstTokenMs > 0) {
    span.setAttribute(attr.responseTimeToFirstChunk, facts.firstTokenMs / 1_000);
  }
  if (facts.errorCode !== undefined) {
    span.setAttribute(attr.errorType, facts.errorCode);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

function nameOf(outcome: Outcome): string {
  return outcomes[outcome].toLowerCase();
}

/** The header that continues a span elsewhere; undefined where nothing is recorded. */
export function traceparentOf(span: Span): string | undefined {
  return span.isRecording() ? toTraceparent(span) : undefined;
}
