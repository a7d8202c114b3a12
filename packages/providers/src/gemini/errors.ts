import type { ProviderFaultInfo } from "../provider.ts";
import { judgeRefusal } from "../shared/fault.ts";
import { type JsonObject, parseObject, readArray, readObject, readString } from "../shared/read.ts";
import { type ResponseHeaders, readDuration, readRetryAfter } from "../shared/retry-after.ts";

export function convertError(
  httpStatus: number,
  headers: ResponseHeaders,
  body: string,
): ProviderFaultInfo {
  return judge(parseObject(unwrap(body)), httpStatus, readRetryAfter(headers));
}

/** `{"error":{…}}` where an answer or an event was expected. */
export function convertInBandError(wire: JsonObject): ProviderFaultInfo {
  const code = Number(readObject(wire.error)?.code);
  return judge(wire, Number.isInteger(code) && code >= 400 && code < 600 ? code : 502, 0);
}

/** What a prompt's block is told as: an answer without candidates. */
export function convertBlock(blockReason: string): ProviderFaultInfo {
  return judgeRefusal({
    httpStatus: 400,
    message: `The prompt was blocked by the provider's content policy (${blockReason.slice(0, 64)}).`,
    providerCode: blockReason,
  });
}

function judge(
  wire: JsonObject | undefined,
  httpStatus: number,
  headerRetryAfterMs: number,
): ProviderFaultInfo {
  const error = readObject(wire?.error);
  let retryAfterMs = headerRetryAfterMs;
  let isKeyRefused = false;
  for (const item of readArray(error?.details)) {
    const detail = readObject(item);
    const type = readString(detail?.["@type"]);
    if (type.endsWith("RetryInfo")) {
      retryAfterMs = readDuration(detail?.retryDelay) || retryAfterMs;
    }
    isKeyRefused ||= detail?.reason === "API_KEY_INVALID";
  }
  return judgeRefusal({
    // A bad key is told as a bad request here.
    httpStatus: isKeyRefused ? 401 : httpStatus,
    message: readString(error?.message),
    providerCode: readString(error?.status),
    retryAfterMs,
  });
}

/** A refused stream may come as a list of one error. */
function unwrap(body: string): string {
  const trimmed = body.trim();
  return trimmed.startsWith("[") && trimmed.endsWith("]") ? trimmed.slice(1, -1) : trimmed;
}
