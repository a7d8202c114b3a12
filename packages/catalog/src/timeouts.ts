/** Limits of one attempt on an endpoint, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** From the request's end to the first content. */
  readonly firstTokenMs: number;
  /** Between two events of a stream. */
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Reasoning models stay silent for long, so only the connection is held to a short limit. */
export const defaultTimeouts: Timeouts = {
  connectMs: 3_000,
  firstTokenMs: 90_000,
  idleMs: 60_000,
  totalMs: 900_000,
};
