import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import type { AppError } from "@fairlead/errors";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { bytesFieldOf, encodeBytesField } from "../bytes-field.ts";
import { GrpcContext } from "./grpc-context.ts";
import type { ServerCall } from "../handler-types.ts";
import { queueFullError } from "../limits.ts";
import { toGrpcError } from "./status.ts";

// The same proportions as on a link: say "slow down" at a window, stop the call at four.
const windowBytes = 262_144;
const queueBytesMax = 4 * windowBytes;

/** A streaming call over plain gRPC. */
export class GrpcServerCall implements ServerCall {
  readonly #stream: ServerWritableStream<Buffer, Buffer>;
  readonly #output: DescMessage;
  readonly #toAppError: (error: unknown) => AppError;
  readonly #context: GrpcContext;
  #isEnded = false;
  #pendingBytes = 0;
  #isWaiting = false;
  #onDrain: (() => void) | undefined;
  #onCancel: ((reason: AppError) => void) | undefined;

  constructor(
    stream: ServerWritableStream<Buffer, Buffer>,
    output: DescMessage,
    toAppError: (error: unknown) => AppError,
  ) {
    this.#stream = stream;
    this.#output = output;
    this.#toAppError = toAppError;
    this.#context = new GrpcContext(stream);
    this.#context.onCancel((reason) => {
      this.#isEnded = true;
      this.#onCancel?.(reason);
    });
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get deadline(): Date | undefined {
    return this.#context.deadline;
  }

  get deadlineMs(): number | undefined {
    return this.#context.deadline?.getTime();
  }

  get metadata(): ReadonlyMap<string, string> {
    return this.#context.metadata;
  }

  get traceparent(): string | undefined {
    return this.#context.traceparent;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  send(message: MessageInitShape<DescMessage> | Uint8Array): boolean {
    if (this.#isEnded) {
      return false;
    }
    let bytes: Buffer;
    try {
      bytes = this.#encode(message);
    } catch (error) {
      this.fail(error);
      return false;
    }
    if (this.#pendingBytes + bytes.length > queueBytesMax && this.#pendingBytes > 0) {
      this.fail(queueFullError());
      return false;
    }
    this.#pendingBytes += bytes.length;
    this.#stream.write(bytes, () => this.#written(bytes.length));
    this.#isWaiting = this.#pendingBytes >= windowBytes;
    return !this.#isWaiting;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  onCancel(listener: (reason: AppError) => void): void {
    this.#onCancel = listener;
    const reason = this.#context.cancelReason;
    if (reason !== undefined) {
      listener(reason);
    }
  }

  end(): void {
    if (this.#finish()) {
      this.#stream.end();
    }
  }

  fail(error: unknown, detail?: Uint8Array): void {
    if (this.#finish()) {
      this.#stream.emit("error", toGrpcError(this.#toAppError(error), detail));
    }
  }

  #finish(): boolean {
    if (this.#isEnded) {
      return false;
    }
    this.#isEnded = true;
    this.#context.finish();
    return true;
  }

  #encode(message: MessageInitShape<DescMessage> | Uint8Array): Buffer {
    if (message instanceof Uint8Array) {
      return encodeBytesField(bytesFieldOf(this.#output), message);
    }
    return encode(this.#output, message);
  }

  #written(bytes: number): void {
    this.#pendingBytes -= bytes;
    if (this.#isWaiting && !this.#isEnded && this.#pendingBytes <= windowBytes / 2) {
      this.#isWaiting = false;
      this.#onDrain?.();
    }
  }
}
