import type { ProviderFault } from "@fairlead/proto/adapter/v1/adapter";
import type { Attempt } from "@fairlead/proto/events/v1/events";
import type { Outcome } from "./outcome.ts";

/** The request is at fault, whatever else the event says. */
const requestStatuses = new Set([400, 413, 415, 422]);
/** Our credential or our name of the model is refused: every request will fail alike. */
const endpointStatuses = new Set([401, 402, 404]);

const neutral: Outcome = { kind: "neutral" };

/** Which failures count against an endpoint: its own, and neither the request's nor its limits. */
export function classifyAttempt(attempt: Attempt): Outcome {
  if (attempt.isCancelled) {
    return neutral;
  }
  if (attempt.isSuccess) {
    return { kind: "success" };
  }
  return attempt.fault === undefined ? { kind: "failure" } : classifyFault(attempt.fault);
}

export function classifyFault(fault: ProviderFault): Outcome {
  const status = fault.httpStatus;
  if (status === 429 || fault.code === "rate_limit_exceeded") {
    return { kind: "rate_limited", retryAfterMs: fault.retryAfterMs };
  }
  if (requestStatuses.has(status) || fault.code === "cancelled") {
    return neutral;
  }
  if (!fault.isEndpointFault && !endpointStatuses.has(status) && status < 500) {
    return neutral;
  }
  return { kind: status === 0 ? "unreachable" : "failure" };
}
