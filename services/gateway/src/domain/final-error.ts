import { AppError, type ErrorCode } from "@fairlead/errors";
import type { AttemptFailure } from "./attempt-failure.ts";

/** A failed attempt beside the candidate it was made on. */
export interface FailedAttempt {
  readonly endpointId: string;
  readonly provider: string;
  readonly providerName: string;
  /** Public id. */
  readonly model: string;
  readonly failure: AttemptFailure;
  readonly latencyMs: number;
}

/** Codes whose cause is the client's own request: shown as they are. */
const clientCodes: ReadonlySet<ErrorCode> = new Set([
  "invalid_request",
  "context_length_exceeded",
  "content_policy_violation",
  "payload_too_large",
  "unprocessable",
]);

/**
 * The one error of a request whose attempts all failed. A provider's 401, 402, 403 or 404 concern
 * our credentials or catalog, so the client sees 502. All 429 is 429, with the soonest retry.
 */
export function toFinalError(failed: readonly FailedAttempt[]): AppError {
  const last = failed.at(-1);
  if (last === undefined) {
    return new AppError("unavailable", "No provider could be tried now. Try again.");
  }
  const code = toFinalCode(failed, last.failure);
  const retryAfterMs = soonestRetryMs(failed);
  const { failure } = last;
  return new AppError(code, toMessage(code, failure, last.providerName), {
    metadata: {
      error_type: code,
      provider_name: last.providerName,
      ...(failure.providerCode !== "" && { provider_code: failure.providerCode }),
      previous_errors: failed.map(toPreviousError),
    },
    ...(failure.param !== "" && { param: failure.param }),
    ...(retryAfterMs > 0 && { retryAfterMs }),
  });
}

function toFinalCode(failed: readonly FailedAttempt[], last: AttemptFailure): ErrorCode {
  if (clientCodes.has(last.code)) {
    return last.code;
  }
  const isAllLimited = failed.every(({ failure }) => failure.code === "rate_limit_exceeded");
  if (isAllLimited) {
    return "rate_limit_exceeded";
  }
  switch (last.code) {
    case "rate_limit_exceeded":
    case "provider_overloaded":
      return "provider_overloaded";
    case "timeout":
    case "provider_timeout":
      return "provider_timeout";
    case "unavailable":
      return "unavailable";
    default:
      return "provider_unavailable";
  }
}

/** The provider's words where they concern the request, ours where they concern its account. */
function toMessage(code: ErrorCode, failure: AttemptFailure, providerName: string): string {
  if (clientCodes.has(code) && failure.message !== "") {
    return failure.message;
  }
  switch (code) {
    case "rate_limit_exceeded":
      return `${providerName} is rate limiting requests for this model. Try again later.`;
    case "provider_overloaded":
      return "All providers of this model are overloaded. Try again later.";
    case "provider_timeout":
      return `${providerName} did not answer in time.`;
    case "unavailable":
      return failure.message;
    default:
      return `${providerName} returned an error.`;
  }
}

function soonestRetryMs(failed: readonly FailedAttempt[]): number {
  let soonest = 0;
  for (const { failure } of failed) {
    if (failure.retryAfterMs > 0 && (soonest === 0 || failure.retryAfterMs < soonest)) {
      soonest = failure.retryAfterMs;
    }
  }
  return soonest;
}

function toPreviousError({ provider, failure }: FailedAttempt): Record<string, unknown> {
  return { provider, code: failure.code, status: failure.httpStatus };
}
