/**
 * Every error that can reach a client or cross a process border, once: its HTTP status, gRPC
 * status, OpenAI `type`, and whether a caller may try again.
 *
 * HTTP statuses and names follow OpenRouter's `error_type` vocabulary; gRPC numbers are those of
 * the gRPC specification's status codes.
 */
export const codes = {
  invalid_request: { http: 400, grpc: 3, type: "invalid_request_error", isRetryable: false },
  model_not_found: { http: 400, grpc: 3, type: "invalid_request_error", isRetryable: false },
  context_length_exceeded: {
    http: 400,
    grpc: 3,
    type: "invalid_request_error",
    isRetryable: false,
  },
  content_policy_violation: {
    http: 400,
    grpc: 3,
    type: "invalid_request_error",
    isRetryable: false,
  },
  authentication: { http: 401, grpc: 16, type: "authentication_error", isRetryable: false },
  payment_required: { http: 402, grpc: 9, type: "insufficient_quota", isRetryable: false },
  permission_denied: { http: 403, grpc: 7, type: "permission_error", isRetryable: false },
  not_found: { http: 404, grpc: 5, type: "not_found_error", isRetryable: false },
  method_not_allowed: { http: 405, grpc: 12, type: "invalid_request_error", isRetryable: false },
  timeout: { http: 408, grpc: 4, type: "timeout_error", isRetryable: true },
  conflict: { http: 409, grpc: 6, type: "invalid_request_error", isRetryable: false },
  payload_too_large: { http: 413, grpc: 8, type: "invalid_request_error", isRetryable: false },
  unsupported_media_type: { http: 415, grpc: 3, type: "invalid_request_error", isRetryable: false },
  unprocessable: { http: 422, grpc: 3, type: "invalid_request_error", isRetryable: false },
  rate_limit_exceeded: { http: 429, grpc: 8, type: "rate_limit_error", isRetryable: true },
  cancelled: { http: 499, grpc: 1, type: "cancelled", isRetryable: false },
  internal: { http: 500, grpc: 13, type: "server_error", isRetryable: false },
  provider_unavailable: { http: 502, grpc: 14, type: "server_error", isRetryable: true },
  unavailable: { http: 503, grpc: 14, type: "server_error", isRetryable: true },
  provider_overloaded: { http: 503, grpc: 14, type: "overloaded_error", isRetryable: true },
  provider_timeout: { http: 504, grpc: 4, type: "timeout_error", isRetryable: true },
} as const satisfies Record<string, CodeFacts>;

export interface CodeFacts {
  readonly http: number;
  readonly grpc: number;
  readonly type: string;
  readonly isRetryable: boolean;
}

export type ErrorCode = keyof typeof codes;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(codes, value);
}
