import type { DescMethod } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { CallOptions } from "../client-types.ts";
import { queueFullError } from "../limits.ts";
import type { RpcLogger } from "../log.ts";
import { traceparentKey } from "../trace.ts";
import { CallTable } from "./call-table.ts";
import { OpenCall } from "./client-call.ts";
import { type DeadlineWheel, processWheel } from "./deadline-wheel.ts";
import { type Frame, frameKind, metadataEntriesMax } from "./frame.ts";
import { type ChannelOptions, FrameChannel, type FrameHandler } from "./frame-channel.ts";
import { readEnd } from "./link-error.ts";
import type { CallSink } from "./link-types.ts";
import { methodCodec } from "./method-codec.ts";
import type { Transport } from "./outbox.ts";

export interface ClientConnectionOptions extends ChannelOptions {
  readonly logger: RpcLogger;
  readonly wheel?: DeadlineWheel | undefined;
  /** Ids are never used twice: after the last one the stream is replaced. */
  readonly callIdMax?: number | undefined;
  /** The peer drains, or the ids are used up: no new calls here. */
  readonly onDraining: () => void;
  readonly onClosed: (reason: AppError) => void;
}

const deadlineMsMax = 0xffff_ffff;
const metadataLengthMax = 16_384;

/** The caller's end of one stream. */
export class ClientConnection implements FrameHandler {
  readonly channel: FrameChannel;
  readonly creditStepBytes: number;
  readonly #options: ClientConnectionOptions;
  readonly #wheel: DeadlineWheel;
  readonly #calls = new CallTable<OpenCall>();
  #lastId = 0;
  #isDraining = false;
  /** Nothing is written any more. */
  #hasEnded = false;

  constructor(transport: Transport, options: ClientConnectionOptions) {
    this.#options = options;
    this.#wheel = options.wheel ?? processWheel;
    this.creditStepBytes = options.limits.windowBytes / 2;
    this.channel = new FrameChannel(transport, this, options);
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Undefined with the error when the call cannot even be sent. */
  open(
    method: DescMethod,
    data: Uint8Array,
    options: CallOptions,
    sink: CallSink,
  ): OpenCall | AppError {
    const { limits, stats } = this.channel;
    if (data.length > limits.messageBytesMax) {
      return new AppError("payload_too_large", "The request is larger than a message may be.");
    }
    if (!this.channel.hasRoom(data.length)) {
      stats.overflows += 1;
      return queueFullError();
    }
    if (this.#hasEnded) {
      return new AppError("unavailable", "The service is shutting down; try again.");
    }
    // A call that has just been told of the break may be followed by another one at once.
    if (this.channel.isClosed) {
      return new AppError("unavailable", "The connection to the service broke; try again.");
    }
    const entries = toEntries(options);
    if (!areSendable(entries)) {
      return new AppError("internal", "Internal error.", { cause: "too much call metadata" });
    }
    const codec = methodCodec(method);
    // A timeout that is no number is one that has passed.
    const timeoutMs = options.timeoutMs > 0 ? Math.min(options.timeoutMs, deadlineMsMax) : 0;
    this.#lastId += 1;
    const call = new OpenCall(this.#lastId, this, codec.output, sink, options.signal);
    this.#calls.add(call);
    this.#wheel.add(call, timeoutMs);
    this.channel.write().open({
      call: call.id,
      method: codec.path,
      // Zero would be none at all.
      deadlineMs: Math.max(Math.ceil(timeoutMs), 1),
      credit: limits.windowBytes,
      entries,
      data,
    });
    if (this.#lastId >= (this.#options.callIdMax ?? 0xffff_ffff)) {
      this.#drain();
    }
    return call;
  }

  onFrame(frame: Frame): void {
    if (frame.kind === frameKind.drain) {
      this.#drain();
      return;
    }
    const call = this.#calls.get(frame.call);
    if (call === undefined) {
      // Given up meanwhile; what was on its way is dropped.
      return;
    }
    if (frame.kind === frameKind.message) {
      call.receive(frame.batch, frame.dataStart, frame.dataEnd);
    } else if (frame.kind === frameKind.end) {
      const { error, detail } = readEnd(frame);
      call.receiveEnd(error, detail);
    }
  }

  onClosed(reason: AppError): void {
    for (const call of this.#calls.list()) {
      call.finish(reason);
    }
    this.#options.onClosed(reason);
  }

  /** The caller no longer wants the call: both sides forget it. */
  giveUp(call: OpenCall, reason: AppError): void {
    if (this.#calls.get(call.id) === call && !this.channel.isClosed) {
      this.channel.write().control(frameKind.cancel, call.id);
    }
    call.finish(reason);
  }

  forget(call: OpenCall): void {
    this.#wheel.remove(call);
    this.#calls.remove(call);
    this.#endIfDrained();
  }

  credit(id: number, bytes: number): void {
    this.channel.write().control(frameKind.window, id, bytes);
  }

  /** Whether a peer that keeps to its credit may have sent this much unread. */
  fitsWindow(bytes: number): boolean {
    const { windowBytes, messageBytesMax } = this.channel.limits;
    return bytes <= 2 * windowBytes + messageBytesMax;
  }

  /** A sink that throws must not take its neighbours with it. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.logger.error({ err: error }, "the end of a call was not handled");
    }
  }

  #drain(): void {
    if (!this.#isDraining) {
      this.#isDraining = true;
      this.#options.onDraining();
      this.#endIfDrained();
    }
  }

  #endIfDrained(): void {
    if (this.#isDraining && this.#calls.size === 0 && !this.channel.isClosed) {
      this.#hasEnded = true;
      this.channel.end();
    }
  }
}

function toEntries(options: CallOptions): readonly string[] {
  const { traceparent, metadata } = options;
  if (metadata === undefined) {
    return traceparent === undefined ? none : [traceparentKey, traceparent];
  }
  const entries = Object.entries(metadata).flat();
  return traceparent === undefined ? entries : [...entries, traceparentKey, traceparent];
}

const none: readonly string[] = [];

/** The peer refuses a whole batch with more; one call must not break its neighbours. */
function areSendable(entries: readonly string[]): boolean {
  if (entries.length <= 2) {
    return true;
  }
  const length = entries.reduce((sum, text) => sum + text.length, 0);
  return entries.length <= 2 * metadataEntriesMax && length <= metadataLengthMax;
}
