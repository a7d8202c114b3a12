import type { Refusal } from "../refusal.ts";

export function writeError(refusal: Refusal): string {
  const { type, code } = describeStatus(refusal.status);
  return JSON.stringify({
    error: {
      message: refusal.message,
      type,
      param: refusal.param,
      code: refusal.code ?? code,
    },
  });
}

function describeStatus(status: number): { type: string; code: string | null } {
  switch (status) {
    case 401:
      return { type: "invalid_request_error", code: "invalid_api_key" };
    case 402:
    case 429:
      return { type: "requests", code: "rate_limit_exceeded" };
    case 403:
      return { type: "invalid_request_error", code: "unsupported_country_region_territory" };
    case 404:
      return { type: "invalid_request_error", code: "model_not_found" };
    default:
      return status < 500
        ? { type: "invalid_request_error", code: null }
        : { type: "server_error", code: null };
  }
}
