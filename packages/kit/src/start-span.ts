import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { isSampled, parseTraceparent, type TraceParent } from "./traceparent.ts";

export interface SpanStart {
  readonly kind?: SpanKind;
  /** Undefined begins a new trace. */
  readonly parent?: TraceParent | Span | undefined;
  readonly attributes?: Attributes;
  /** Traces that this span serves without being their child: the requests of a batch. */
  readonly links?: readonly TraceParent[];
  /** Unix milliseconds, for work that began before its span. */
  readonly startTime?: number;
}

/**
 * Starts a span under an explicit parent. There is no ambient context: the hot path passes its
 * spans by hand, which costs nothing where nothing is recorded.
 */
export function startSpan(tracer: Tracer, name: string, start: SpanStart = {}): Span {
  const { parent } = start;
  // Below a parent that is not recorded nothing is: the parent itself can stand for its child.
  if (typeof parent === "object" && !parent.isRecording()) {
    return parent;
  }
  if (typeof parent === "string" && !isSampled(parent)) {
    return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  }
  return tracer.startSpan(
    name,
    {
      kind: start.kind ?? SpanKind.INTERNAL,
      ...(start.attributes && { attributes: start.attributes }),
      ...(start.links && { links: toLinks(start.links) }),
      ...(start.startTime !== undefined && { startTime: start.startTime }),
    },
    toContext(start.parent),
  );
}

function toContext(parent: TraceParent | Span | undefined): Context {
  if (parent === undefined) {
    return ROOT_CONTEXT;
  }
  if (typeof parent !== "string") {
    return trace.setSpan(ROOT_CONTEXT, parent);
  }
  const context = parseTraceparent(parent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function toLinks(traceparents: readonly TraceParent[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const context = parseTraceparent(traceparent);
    return context === undefined ? [] : [{ context }];
  });
}
