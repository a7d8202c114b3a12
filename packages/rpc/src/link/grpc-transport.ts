import type { Transport } from "./outbox.ts";

/** A grpc-js stream of bytes, either end of it. */
interface GrpcStream {
  write(batch: Buffer, done: () => void): unknown;
  end(): unknown;
}

export function grpcTransport(stream: GrpcStream, destroy: () => void): Transport {
  return {
    write: (batch, done) => {
      stream.write(batch, done);
    },
    end: () => {
      stream.end();
    },
    destroy,
  };
}
