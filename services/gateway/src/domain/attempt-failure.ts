import { AppError, type ErrorCode, isErrorCode } from "@fairlead/errors";
import type { ProviderFault } from "@fairlead/proto/adapter/v1/adapter";

/** How one attempt failed, in our closed set of codes. */
export interface AttemptFailure {
  readonly code: ErrorCode;
  /** Safe to show to a client. */
  readonly message: string;
  /** The upstream's own; 0 when no HTTP answer came. */
  readonly httpStatus: number;
  readonly providerCode: string;
  /** 0 = none given. */
  readonly retryAfterMs: number;
  readonly isRetryable: boolean;
  /** The worker or the way to it failed: another worker may serve the very same candidate. */
  readonly isWorkerLost: boolean;
  readonly param: string;
}

/** Faults of ours or of the way to the worker: another candidate may well do. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  "unavailable",
  "provider_unavailable",
  "provider_overloaded",
  "provider_timeout",
  "timeout",
  "rate_limit_exceeded",
  "internal",
]);

/** What the worker said of its provider. */
export function fromFault(fault: ProviderFault): AttemptFailure {
  return {
    code: isErrorCode(fault.code) ? fault.code : "provider_unavailable",
    message: fault.message,
    httpStatus: fault.httpStatus,
    providerCode: fault.providerCode,
    retryAfterMs: fault.retryAfterMs,
    isRetryable: fault.isRetryable,
    isWorkerLost: false,
    param: fault.param,
  };
}

/** What the call itself died of: no fault of a provider was reported. */
export function fromCallError(error: AppError): AttemptFailure {
  return {
    code: error.code,
    message: error.message,
    httpStatus: 0,
    providerCode: "",
    retryAfterMs: error.retryAfterMs ?? 0,
    isRetryable: retryableCodes.has(error.code),
    isWorkerLost: error.code === "unavailable",
    param: error.param ?? "",
  };
}

/** No worker of the candidate's pool can be reached. */
export const noWorker: AttemptFailure = fromCallError(
  new AppError("unavailable", "No worker for this provider is available now."),
);
