import { AppError } from "@fairlead/errors";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { fromStatus } from "./from-status.ts";
import { decodeError, detailTrailer, encodeError, errorTrailer } from "../wire-error.ts";

/** What grpc-js sends for an AppError. */
export function toGrpcError(
  error: AppError,
  detail?: Uint8Array,
): { code: number; details: string; metadata: Metadata } {
  const wire = encodeError(error, detail);
  const metadata = new Metadata();
  metadata.set(errorTrailer, Buffer.from(wire.error));
  if (wire.detail !== undefined) {
    metadata.set(detailTrailer, Buffer.from(wire.detail));
  }
  return { code: wire.status, details: wire.message, metadata };
}

/** The AppError behind whatever a grpc-js call failed with. */
export function fromGrpcError(error: unknown): AppError {
  if (!isServiceError(error)) {
    return AppError.from(error);
  }
  const [encoded] = error.metadata.get(errorTrailer);
  const [detail] = error.metadata.get(detailTrailer);
  if (Buffer.isBuffer(encoded)) {
    const decoded = decodeError(encoded, Buffer.isBuffer(detail) ? detail : undefined);
    if (decoded !== undefined) {
      return decoded;
    }
  }
  return fromStatus(error.code, error.details, error);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
