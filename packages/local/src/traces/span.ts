/** One finished span, as the store keeps it and the receiver serves it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** `service.name` without our own prefix. */
  readonly service: string;
  /** Unix time. Beyond what a number holds exactly; a microsecond is close enough here. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly SpanLink[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

/** A trace, and the spans of other traces that say they belong to it (batches do). */
export interface Trace {
  readonly traceId: string;
  readonly spans: readonly Span[];
  readonly linked: readonly Span[];
}

export interface TraceSummary {
  readonly traceId: string;
  readonly generationId: string | undefined;
  readonly name: string;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly spans: number;
  readonly errors: number;
}
