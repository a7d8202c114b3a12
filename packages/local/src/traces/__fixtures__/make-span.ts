import type { Span } from "../span.ts";

/** A span of 10 ms from the beginning of time, but for what is given. */
export function makeSpan(given: Partial<Span>): Span {
  return {
    traceId: "trace",
    spanId: "span",
    parentSpanId: undefined,
    name: "name",
    service: "gateway",
    startMs: 0,
    endMs: 10,
    isError: false,
    attributes: {},
    links: [],
    ...given,
  };
}
