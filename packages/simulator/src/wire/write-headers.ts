import type { Reply } from "./reply.ts";

const HEADER_FILL = "x";

/** Raw header pairs: node writes an array without looking each name up. */
export function writeHeaders(reply: Reply, contentType: string): string[] {
  const { dialect, record, script } = reply;
  const headers = [
    "content-type",
    contentType,
    dialect.requestIdHeader,
    `req-sim-${record.sequence}`,
  ];
  if (script.fault?.kind === "huge_header") {
    headers.push("x-padding", HEADER_FILL.repeat(script.fault.bytes));
  }
  return headers;
}
