import type { Refusal } from "../refusal.ts";

export function writeError(refusal: Refusal): string {
  return JSON.stringify({
    error: {
      code: refusal.status,
      message: refusal.message,
      status: refusal.code ?? describeStatus(refusal.status),
    },
  });
}

function describeStatus(status: number): string {
  switch (status) {
    case 400:
      return "INVALID_ARGUMENT";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status < 500 ? "FAILED_PRECONDITION" : "INTERNAL";
  }
}
