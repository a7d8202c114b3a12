import type { ProviderFaultInfo } from "../provider.ts";
import { judgeRefusal } from "../shared/fault.ts";
import { type JsonObject, parseObject, readArray, readObject, readString } from "../shared/read.ts";
import { type ResponseHeaders, readRetryAfter } from "../shared/retry-after.ts";

export function convertError(
  httpStatus: number,
  headers: ResponseHeaders,
  body: string,
): ProviderFaultInfo {
  const parsed = parseObject(body);
  return judgeRefusal({
    ...readErrorBody(parsed),
    httpStatus,
    retryAfterMs: readRetryAfter(headers),
  });
}

/** An error inside a 200: a status may stand in the error's code. */
export function convertInBandError(event: JsonObject): ProviderFaultInfo {
  const words = readErrorBody(event);
  return judgeRefusal({ ...words, httpStatus: guessStatus(event, words.providerCode) });
}

/** Vendors write `{error:{message,code,type,param}}`, `{error:"…"}`, `{message}` or `{detail}`. */
function readErrorBody(body: JsonObject | undefined): {
  message: string;
  providerCode: string;
  param: string;
} {
  const error = readObject(body?.error) ?? body ?? {};
  const detail = readObject(readArray(error.detail)[0]);
  const message =
    readString(error.message) ||
    readString(body?.error) ||
    readString(error.detail) ||
    readString(detail?.msg);
  const code = typeof error.code === "number" ? String(error.code) : readString(error.code);
  return {
    message,
    providerCode: code || readString(error.type),
    param: readString(error.param),
  };
}

function guessStatus(event: JsonObject, providerCode: string): number {
  const error = readObject(event.error);
  for (const value of [error?.code, error?.status, error?.status_code, event.code]) {
    const status = Number(value);
    if (Number.isInteger(status) && status >= 400 && status < 600) {
      return status;
    }
  }
  if (/rate.?limit|too_many/i.test(providerCode)) {
    return 429;
  }
  return /invalid_request|context_length|content_filter/i.test(providerCode) ? 400 : 502;
}
