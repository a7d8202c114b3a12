import type { ProviderFaultInfo } from "../provider.ts";
import { judgeRefusal } from "../shared/fault.ts";
import { type JsonObject, parseObject, readObject, readString } from "../shared/read.ts";
import { type ResponseHeaders, readRetryAfter } from "../shared/retry-after.ts";

/** HTTP statuses of Anthropic's error types, for errors inside a stream. */
const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

export function convertError(
  httpStatus: number,
  headers: ResponseHeaders,
  body: string,
): ProviderFaultInfo {
  const error = readObject(parseObject(body)?.error);
  return judgeRefusal({
    httpStatus,
    message: readString(error?.message),
    providerCode: readString(error?.type),
    retryAfterMs: readRetryAfter(headers),
  });
}

/** `{"type":"error","error":{…}}` where an answer or an event was expected. */
export function convertInBandError(wire: JsonObject): ProviderFaultInfo {
  const error = readObject(wire.error);
  const type = readString(error?.type);
  return judgeRefusal({
    httpStatus: Object.hasOwn(statuses, type) ? (statuses[type] ?? 500) : 500,
    message: readString(error?.message),
    providerCode: type,
  });
}
