import type { DialectName } from "../dialects/dialect.ts";

/**
 * `completed`: the last byte was handed to the socket and the connection had not failed before.
 * `faulted`: a scripted fault kept the answer from being whole. `refused`: the request was wrong.
 */
export type Outcome = "completed" | "cut_by_client" | "faulted" | "refused";

export interface SeenHeaders {
  readonly userAgent: string | undefined;
  readonly traceparent: string | undefined;
  readonly accept: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly anthropicVersion: string | undefined;
  readonly anthropicBeta: string | undefined;
  /** The last four characters of the credential: enough to tell keys apart. */
  readonly keyTail: string | undefined;
}

export interface RequestRecord {
  /** Order of arrival, from 1. */
  readonly sequence: number;
  /** The caller's `x-request-id`, else made up. */
  readonly id: string;
  readonly dialect: DialectName;
  readonly path: string;
  readonly headers: SeenHeaders;
  readonly bodyBytes: number;
  /** CRC-32 of the body, hex: tells whether two attempts sent the same. */
  readonly bodyHash: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  endedAt: number | null;
  model: string;
  isStream: boolean;
  fault: string | null;
  /** 0 when the connection was closed without a head. */
  status: number;
  promptTokens: number;
  completionTokensWritten: number;
  isComplete: boolean;
  isClientGone: boolean;
  outcome: Outcome | null;
}
