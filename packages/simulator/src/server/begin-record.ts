import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import type { DialectName } from "../dialects/dialect.ts";
import type { RequestRecord, SeenHeaders } from "../record/request-record.ts";

const KEY_TAIL_CHARACTERS = 4;

export interface Arrival {
  readonly sequence: number;
  readonly dialect: DialectName;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly key: string | undefined;
  readonly body: Buffer;
}

export function beginRecord(arrival: Arrival): RequestRecord {
  const { sequence, headers, body } = arrival;
  return {
    sequence,
    id: readHeader(headers["x-request-id"]) ?? `sim-${sequence}`,
    dialect: arrival.dialect,
    path: arrival.path,
    headers: pickHeaders(headers, arrival.key),
    bodyBytes: body.length,
    bodyHash: crc32(body).toString(16).padStart(8, "0"),
    startedAt: Date.now(),
    endedAt: null,
    model: "",
    isStream: false,
    fault: null,
    status: 0,
    promptTokens: 0,
    completionTokensWritten: 0,
    isComplete: false,
    isClientGone: false,
    outcome: null,
  };
}

function pickHeaders(headers: IncomingHttpHeaders, key: string | undefined): SeenHeaders {
  return {
    userAgent: headers["user-agent"],
    traceparent: readHeader(headers.traceparent),
    accept: headers.accept,
    idempotencyKey: readHeader(headers["idempotency-key"]),
    anthropicVersion: readHeader(headers["anthropic-version"]),
    anthropicBeta: readHeader(headers["anthropic-beta"]),
    keyTail: key?.slice(-KEY_TAIL_CHARACTERS),
  };
}

export function readHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
