import type { AppError } from "@fairlead/errors";
import { fromStatus } from "../grpc/from-status.ts";
import { decodeError, detailTrailer, encodeError, errorTrailer } from "../wire-error.ts";
import type { Frame } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";

const noMessage = Buffer.alloc(0);

/** Writes END: OK, or the error with its trailers, binary ones in base64 as gRPC has them. */
export function writeEnd(
  writer: FrameWriter,
  call: number,
  error?: AppError,
  detail?: Uint8Array,
): void {
  if (error === undefined) {
    writer.end(call, 0, noMessage, []);
    return;
  }
  const wire = encodeError(error, detail);
  const entries = [errorTrailer, Buffer.from(wire.error).toString("base64")];
  if (wire.detail !== undefined) {
    entries.push(detailTrailer, Buffer.from(wire.detail).toString("base64"));
  }
  writer.end(call, wire.status, Buffer.from(wire.message), entries);
}

/** Reads END; no error means OK. */
export function readEnd(frame: Frame): {
  error: AppError | undefined;
  detail: Uint8Array | undefined;
} {
  if (frame.status === 0) {
    return { error: undefined, detail: undefined };
  }
  const encoded = frame.entry(errorTrailer);
  const encodedDetail = frame.entry(detailTrailer);
  const detail = encodedDetail === undefined ? undefined : Buffer.from(encodedDetail, "base64");
  const decoded =
    encoded === undefined ? undefined : decodeError(Buffer.from(encoded, "base64"), detail);
  const text = frame.data().toString();
  return { error: decoded ?? fromStatus(frame.status, text, text), detail };
}
