import type { Refusal } from "../refusal.ts";

export function writeError(refusal: Refusal, sequence: number): string {
  return JSON.stringify({
    type: "error",
    error: { type: refusal.code ?? describeStatus(refusal.status), message: refusal.message },
    request_id: `req_sim_${sequence}`,
  });
}

function describeStatus(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}
