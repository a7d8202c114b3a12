import type { ProviderFaultInfo } from "@fairlead/providers";
import { faults } from "../domain/faults.ts";

/** Errors that arise before anything was sent; anything else means that a connection broke. */
const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ETIMEDOUT",
  "EACCES",
]);

/**
 * What an error of the HTTP client means. `httpStatus` is 0 when no head of an answer came. The
 * error's message stays here: it may name internal addresses.
 */
export function toConnectionFault(error: Error, httpStatus: number): ProviderFaultInfo {
  const code = findCode(error);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return faults.connectTimeout();
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return faults.tooLarge(httpStatus);
  }
  if (code.startsWith("HPE_")) {
    // Not HTTP/1.1 at all when it comes before the head; a broken chunk, thus a cut, after it.
    return httpStatus === 0 ? faults.malformed(0) : faults.cut(code, httpStatus);
  }
  if (unreachableCodes.has(code) || isTlsCode(code)) {
    return faults.unreachable(code);
  }
  return httpStatus === 0 ? faults.unreachable(code) : faults.cut(code, httpStatus);
}

/** Looks through the causes: the client wraps what the socket said. */
function findCode(error: Error): string {
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") {
      return current.code;
    }
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return "";
}

function isTlsCode(code: string): boolean {
  return code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") || code.includes("CERT");
}
