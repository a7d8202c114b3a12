/** What one attempt or probe says of its endpoint's health. */
export type Outcome =
  | { readonly kind: "success" }
  /** Nobody answered at all: refused, reset, or silent until the time limit. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "failure" }
  | { readonly kind: "rate_limited"; readonly retryAfterMs: number }
  /** Says nothing: the request's own fault, or cut by the client. */
  | { readonly kind: "neutral" };
