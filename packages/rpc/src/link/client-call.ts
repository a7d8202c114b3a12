import { AppError } from "@fairlead/errors";
import { cancelledError, timeoutError } from "../limits.ts";
import type { TableCall } from "./call-table.ts";
import type { ClientConnection } from "./client-connection.ts";
import { Expiring } from "./deadline-wheel.ts";
import { messageOverheadBytes } from "./frame.ts";
import type { CallSink, ClientCall } from "./link-types.ts";
import { decodeMessage, findBytesValue, type MessageCodec, wrapBytes } from "./message-codec.ts";

interface CallEnd {
  readonly error: AppError | undefined;
  readonly detail: Uint8Array | undefined;
}

/** A call in the caller's table: hands messages to its sink, and gives credit for what it took. */
export class OpenCall extends Expiring implements ClientCall, TableCall<OpenCall> {
  readonly id: number;
  nextInBucket: OpenCall | undefined;
  readonly #connection: ClientConnection;
  readonly #codec: MessageCodec;
  readonly #sink: CallSink;
  readonly #signal: AbortSignal | undefined;
  #isEnded = false;
  #isPaused = false;
  /** Messages that came while paused, and the end if it came too. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #heldEnd: CallEnd | undefined;
  /** Taken by the sink and not yet credited to the peer. */
  #consumedBytes = 0;

  constructor(
    id: number,
    connection: ClientConnection,
    codec: MessageCodec,
    sink: CallSink,
    signal: AbortSignal | undefined,
  ) {
    super();
    this.id = id;
    this.#connection = connection;
    this.#codec = codec;
    this.#sink = sink;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  cancel(): void {
    if (!this.#isEnded) {
      this.#connection.giveUp(this, cancelledError());
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (this.#held.length > 0 && !this.#isPaused && !this.#isEnded) {
      // Few messages fit in a window, so shifting costs less than a queue would.
      const message = this.#held.shift();
      if (message !== undefined) {
        this.#heldBytes -= message.length + messageOverheadBytes;
        this.#emit(message, 0, message.length);
      }
    }
    if (this.#heldEnd !== undefined && this.#held.length === 0 && !this.#isPaused) {
      this.finish(this.#heldEnd.error, this.#heldEnd.detail);
    }
  }

  /** A message, at its place in the batch. */
  receive(batch: Buffer, start: number, end: number): void {
    if (!this.#isPaused && this.#held.length === 0) {
      this.#emit(batch, start, end);
      return;
    }
    this.#heldBytes += end - start + messageOverheadBytes;
    if (!this.#connection.fitsWindow(this.#heldBytes)) {
      this.#connection.giveUp(
        this,
        new AppError("internal", "Internal error.", { cause: "window" }),
      );
      return;
    }
    this.#held.push(batch.subarray(start, end));
  }

  /** The callee's end, after the messages that are still held. */
  receiveEnd(error: AppError | undefined, detail: Uint8Array | undefined): void {
    if (this.#held.length > 0) {
      this.#heldEnd = { error, detail };
    } else {
      this.finish(error, detail);
    }
  }

  expire(): void {
    this.#connection.giveUp(this, timeoutError());
  }

  /** Leaves the table and tells the sink, once. */
  finish(error: AppError | undefined, detail?: Uint8Array): void {
    if (this.#isEnded) {
      return;
    }
    this.#isEnded = true;
    this.#held = [];
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#connection.forget(this);
    this.#connection.guard(() => this.#sink.end(error, detail));
  }

  #emit(batch: Buffer, start: number, end: number): void {
    try {
      this.#give(batch, start, end);
    } catch (error) {
      this.#connection.giveUp(this, AppError.from(error));
      return;
    }
    this.#consumedBytes += end - start + messageOverheadBytes;
    if (this.#consumedBytes >= this.#connection.creditStepBytes && !this.#isEnded) {
      this.#connection.credit(this.id, this.#consumedBytes);
      this.#consumedBytes = 0;
    }
  }

  #give(batch: Buffer, start: number, end: number): void {
    if (this.#sink.raw !== undefined) {
      this.#sink.raw(batch.subarray(start, end));
      return;
    }
    const field = this.#codec.bytesField;
    const valueStart = field === undefined ? -1 : findBytesValue(field, batch, start, end);
    if (field !== undefined && valueStart >= 0) {
      const value = batch.subarray(valueStart, end);
      if (this.#sink.bytes === undefined) {
        this.#sink.message(wrapBytes(field, value));
      } else {
        this.#sink.bytes(value);
      }
      return;
    }
    this.#sink.message(decodeMessage(this.#codec, batch.subarray(start, end)));
  }

  readonly #abort = (): void => this.cancel();
}
