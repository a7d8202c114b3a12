import { AppError, type ErrorCode } from "@fairlead/errors";
import { status } from "@grpc/grpc-js";

/**
 * The AppError for a gRPC status that came without one of ours: grpc-js made it, a proxy, or a
 * peer of another kind. Its text speaks of addresses and streams, so it is kept as the cause.
 */
export function fromStatus(code: number, details: string, cause: unknown): AppError {
  const known = mapStatus(code, details);
  return new AppError(known, messages[known] ?? "Internal error.", { cause });
}

const messages: Partial<Record<ErrorCode, string>> = {
  cancelled: "The call was cancelled.",
  timeout: "The call took longer than its deadline.",
  unavailable: "The service cannot be reached now; try again.",
  payload_too_large: "The message is larger than the service takes.",
  invalid_request: "The service could not read the request.",
  not_found: "Not found.",
  conflict: "The call conflicts with another one.",
};

function mapStatus(code: number, details: string): ErrorCode {
  switch (code) {
    case status.CANCELLED:
      return "cancelled";
    case status.DEADLINE_EXCEEDED:
      return "timeout";
    case status.UNAVAILABLE:
      return "unavailable";
    case status.RESOURCE_EXHAUSTED:
      // grpc-js uses it for its size limits; else it means an exhausted peer.
      return /larger than/i.test(details) ? "payload_too_large" : "unavailable";
    case status.INTERNAL:
      // What grpc-js calls internal when the transport broke under a call.
      return /RST_STREAM|ECONN|EPIPE|socket/i.test(details) ? "unavailable" : "internal";
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return "invalid_request";
    case status.NOT_FOUND:
      return "not_found";
    case status.ALREADY_EXISTS:
    case status.ABORTED:
      return "conflict";
    default:
      // Among them PERMISSION_DENIED and UNAUTHENTICATED: our own credentials, not the client's.
      return "internal";
  }
}
