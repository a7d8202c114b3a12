/** A time in milliseconds: always the same, or drawn from a log-normal distribution. */
export interface Delay {
  readonly medianMs: number;
  /** 0 means the delay is fixed. */
  readonly sigma: number;
}

/** What goes wrong, and where. `after` counts content events, `byte` bytes of the body. */
export type Fault =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "refuse" | "reset" | "hang" | "empty" | "garbage" | "role_only" }
  | { readonly kind: "error_first" | "no_usage" | "no_end" | "endless" }
  | { readonly kind: "stall" | "malformed" | "error_after"; readonly after: number }
  | { readonly kind: "cut"; readonly byte: number }
  | { readonly kind: "huge_header" | "huge_line"; readonly bytes: number };

/**
 * How one request is answered. Every field has a default, so a script names only what it changes.
 */
export interface Script {
  /** Text units to write; a JSON schema, `text` and `isEcho` take precedence over it. */
  readonly tokens: number;
  readonly text: string | undefined;
  /** Answer with the last user message. */
  readonly isEcho: boolean;
  /** Reasoning units before the answer. */
  readonly reasoning: number;
  /** Number of tool calls instead of text; more than one are parallel. */
  readonly tools: number;
  /** Answer as if JSON was asked for, though the request did not. */
  readonly isJson: boolean;
  readonly isRefusal: boolean;
  /** Prompt tokens declared as read from and written to the provider's prompt cache. */
  readonly cached: number;
  readonly cacheWrite: number;

  /** Before the head of the response. */
  readonly latency: Delay;
  /** Between the head of the response and the first content. */
  readonly ttft: Delay;
  /** Text units per second; 0 writes them all at once. */
  readonly rate: number;
  /** Content events in one HTTP chunk. */
  readonly pack: number;
  /** Largest number of body bytes in one socket write; 0 has no limit. */
  readonly slice: number;

  readonly fault: Fault | undefined;
  /** Share of the requests, 0 to 1, that meets the fault. */
  readonly faultRate: number;
  readonly retryAfterSeconds: number | undefined;
  readonly errorMessage: string | undefined;
  /** At most `limit` requests in `limitWindowMs`, then 429; 0 has no limit. */
  readonly limit: number;
  readonly limitWindowMs: number;
  readonly seed: number;
}

export const NO_DELAY: Delay = { medianMs: 0, sigma: 0 };

export const DEFAULT_SCRIPT: Script = {
  tokens: 16,
  text: undefined,
  isEcho: false,
  reasoning: 0,
  tools: 0,
  isJson: false,
  isRefusal: false,
  cached: 0,
  cacheWrite: 0,
  latency: NO_DELAY,
  ttft: NO_DELAY,
  rate: 0,
  pack: 1,
  slice: 0,
  fault: undefined,
  faultRate: 1,
  retryAfterSeconds: undefined,
  errorMessage: undefined,
  limit: 0,
  limitWindowMs: 1000,
  seed: 1,
};
