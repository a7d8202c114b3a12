import { AppError } from "@fairlead/errors";
import { type Frame, frameKind } from "./frame.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { Limits } from "./link-options.ts";
import type { LinkStats } from "./link-stats.ts";
import { Outbox, type Transport, type Waiter } from "./outbox.ts";

/** The side of a stream that knows calls. */
export interface FrameHandler {
  /** The frame is valid until this returns. */
  onFrame(frame: Frame): void;
  /** Called once, when the stream is over in whatever way. */
  onClosed(reason: AppError): void;
}

export interface ChannelOptions {
  readonly limits: Limits;
  readonly stats: LinkStats;
  /**
   * How a flush is put off. `setImmediate` unless given: frames of everything that the event loop
   * read in one turn share a message. A microtask saves a lone call 10 µs, and costs 32 at a time
   * three times the CPU (42 µs a call against 12).
   */
  readonly schedule?: ((flush: () => void) => void) | undefined;
}

/** A busy link is pinged this often, only to measure. */
const measureIntervalMs = 10_000;

/** What both ends of a stream do alike: batches out and in, pings, and one end. */
export class FrameChannel {
  readonly limits: Limits;
  readonly stats: LinkStats;
  readonly #transport: Transport;
  readonly #handler: FrameHandler;
  readonly #outbox: Outbox;
  readonly #decoder: FrameDecoder;
  readonly #pingTimer: NodeJS.Timeout;
  #isClosed = false;
  #hasReceived = true;
  #lastReceivedMs = performance.now();
  #lastTickMs = this.#lastReceivedMs;
  #pingSentMs = 0;

  constructor(transport: Transport, handler: FrameHandler, options: ChannelOptions) {
    this.limits = options.limits;
    this.stats = options.stats;
    this.#transport = transport;
    this.#handler = handler;
    this.#outbox = new Outbox(transport, options.stats, options.schedule ?? setImmediate);
    this.#decoder = new FrameDecoder(this.#dispatch);
    this.#pingTimer = setInterval(this.#checkPeer, options.limits.pingIntervalMs);
    this.#pingTimer.unref();
  }

  /** Frames written here leave at the end of this turn of the event loop. */
  write(): FrameWriter {
    this.#outbox.touch();
    this.stats.framesOut += 1;
    return this.#outbox.writer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  /** Whether streams should pause; `waitForRelief` tells when to go on. */
  get isCongested(): boolean {
    return this.#outbox.isCongested;
  }

  /** Whether another frame with `bytes` of payload may still be queued. */
  hasRoom(bytes: number): boolean {
    const queued = this.#outbox.queuedBytes;
    // One frame always fits, or a large one could never be sent.
    return queued === 0 || queued + bytes <= this.limits.queueBytesMax;
  }

  waitForRelief(waiter: Waiter): void {
    this.#outbox.waitForRelief(waiter);
  }

  receive(batch: Buffer): void {
    if (this.#isClosed) {
      return;
    }
    this.#hasReceived = true;
    this.stats.batchesIn += 1;
    this.stats.bytesIn += batch.length;
    try {
      this.stats.framesIn += this.#decoder.decode(batch);
    } catch (cause) {
      // Whatever the peer did wrong, the calls on this stream may be made again on another.
      this.fail(
        new AppError("unavailable", "The connection to the service broke; try again.", { cause }),
      );
    }
  }

  /** Sends what is queued and ends this side. */
  end(): void {
    this.#outbox.end();
  }

  /** The transport broke, or has to. */
  fail(reason: AppError): void {
    if (!this.#isClosed) {
      this.#transport.destroy();
      this.closed(reason);
    }
  }

  /** The transport is over. */
  closed(reason: AppError): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      clearInterval(this.#pingTimer);
      this.#outbox.close();
      this.#handler.onClosed(reason);
    }
  }

  readonly #dispatch = (frame: Frame): void => {
    if (this.#isClosed) {
      return;
    }
    if (frame.kind === frameKind.ping) {
      this.write().control(frameKind.pong, 0);
    } else if (frame.kind === frameKind.pong) {
      this.stats.pingRoundTripMs = performance.now() - this.#pingSentMs;
    } else {
      this.#handler.onFrame(frame);
    }
  };

  /** A peer that vanished without a word leaves the stream open: only silence tells. */
  readonly #checkPeer = (): void => {
    const now = performance.now();
    const { pingIntervalMs, silenceMaxMs } = this.limits;
    const wasSilent = !this.#hasReceived;
    // A tick that is late itself says that this process stood still, not the peer.
    if (this.#hasReceived || now - this.#lastTickMs > 2 * pingIntervalMs) {
      this.#lastReceivedMs = now;
    }
    this.#hasReceived = false;
    this.#lastTickMs = now;
    if (now - this.#lastReceivedMs >= silenceMaxMs) {
      this.fail(
        new AppError("unavailable", "The service does not answer; try again.", {
          cause: `silent for ${Math.round(now - this.#lastReceivedMs)} ms`,
        }),
      );
      return;
    }
    // Who was heard is alive; the other's ping is a word too, so that only one of them asks.
    if (wasSilent || now - this.#pingSentMs >= measureIntervalMs) {
      this.#pingSentMs = now;
      this.write().control(frameKind.ping, 0);
    }
  };
}
