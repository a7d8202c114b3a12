/** The metadata key of the W3C trace context. */
export const traceparentKey = "traceparent";
