import { AppError, codes, isErrorCode } from "@fairlead/errors";
import { errorDetail, setErrorDetail } from "./error-detail.ts";

/** Trailers that carry an AppError whole; the gRPC status beside them is for everyone else. */
export const errorTrailer = "fairlead-error-bin";
export const detailTrailer = "fairlead-detail-bin";

// Trailers are HTTP/2 headers: peers refuse a block of more than 64 KiB, and base64 adds a third.
const errorBytesMax = 16_384;
const detailBytesMax = 16_384;
const statusMessageLengthMax = 512;

/** An AppError as it travels. Its cause does not. */
export interface WireError {
  /** gRPC status. */
  readonly status: number;
  /** For peers that know only gRPC: the message, perhaps shortened. */
  readonly message: string;
  /** The error as JSON. */
  readonly error: Uint8Array;
  readonly detail: Uint8Array | undefined;
}

export function encodeError(error: AppError, detail = errorDetail(error)): WireError {
  return {
    status: codes[error.code].grpc,
    message: error.message.slice(0, statusMessageLengthMax).toWellFormed(),
    error: encodeFacts(error),
    detail: detail !== undefined && detail.length <= detailBytesMax ? detail : undefined,
  };
}

/** The AppError that `encodeError` was given, or undefined when the bytes are none of ours. */
export function decodeError(
  error: Uint8Array,
  detail: Uint8Array | undefined,
): AppError | undefined {
  const facts = parseFacts(error);
  if (facts === undefined || !isErrorCode(facts.code) || typeof facts.message !== "string") {
    return undefined;
  }
  const { param, metadata, retryAfterMs } = facts;
  const decoded = new AppError(facts.code, facts.message, {
    ...(typeof param === "string" && { param }),
    ...(isRecord(metadata) && { metadata }),
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
  });
  return detail === undefined ? decoded : setErrorDetail(decoded, detail);
}

function encodeFacts(error: AppError): Uint8Array {
  const { code, message, param, metadata, retryAfterMs } = error;
  const whole = stringify({ code, message, param, metadata, retryAfterMs });
  if (whole !== undefined && whole.length <= errorBytesMax) {
    return whole;
  }
  // Too large, or metadata that is no JSON: the facts matter less than the code and the message.
  const shortened = message.slice(0, errorBytesMax / 8);
  return Buffer.from(JSON.stringify({ code, message: shortened, retryAfterMs }));
}

function stringify(facts: object): Buffer | undefined {
  try {
    return Buffer.from(
      JSON.stringify(facts, (_key, value: unknown) =>
        typeof value === "bigint" ? value.toString() : value,
      ),
    );
  } catch {
    return undefined;
  }
}

function parseFacts(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const facts: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(),
    );
    return isRecord(facts) ? facts : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
