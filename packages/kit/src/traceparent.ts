import { type Span, type SpanContext, TraceFlags } from "@opentelemetry/api";

/** W3C Trace Context `traceparent`, version 00. */
export type TraceParent = string;

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const INVALID_TRACE = "0".repeat(32);
const INVALID_SPAN = "0".repeat(16);

/** The header that makes another process's span a child of this one. */
export function toTraceparent(span: Span): TraceParent {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? "01" : "00"}`;
}

/** The parsed header; undefined for anything that the specification calls invalid. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = text === undefined ? null : pattern.exec(text);
  const [, traceId, spanId, flags] = match ?? [];
  if (!traceId || !spanId || !flags || traceId === INVALID_TRACE || spanId === INVALID_SPAN) {
    return undefined;
  }
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Whether the sender records this trace: a look at one character, for the hot path. */
export function isSampled(traceparent: TraceParent | undefined): boolean {
  return traceparent !== undefined && (traceparent.charCodeAt(54) & 1) === 1;
}
