import type { ServerResponse } from "node:http";
import type { Dialect } from "../dialects/dialect.ts";
import type { Refusal } from "../dialects/refusal.ts";
import type { RequestRecord } from "../record/request-record.ts";

/** An error in the provider's own shape, with `Retry-After` when there is one. */
export function sendError(
  response: ServerResponse,
  dialect: Dialect,
  record: RequestRecord,
  refusal: Refusal,
  retryAfterSeconds?: number,
): void {
  const body = dialect.writeError(refusal, record.sequence);
  record.status = refusal.status;
  response.writeHead(refusal.status, [
    "content-type",
    "application/json",
    dialect.requestIdHeader,
    `req-sim-${record.sequence}`,
    "content-length",
    String(Buffer.byteLength(body)),
    ...(retryAfterSeconds === undefined ? [] : ["retry-after", String(retryAfterSeconds)]),
  ]);
  response.end(body);
}
