import { FrameWriter } from "./frame-writer.ts";
import type { LinkStats } from "./link-stats.ts";

/** What carries batches: a gRPC stream, or a test's stand-in. */
export interface Transport {
  /** `done` is called when the batch has been handed to the network. */
  write(batch: Buffer, done: () => void): void;
  /** No more batches; the stream ends when both sides said so. */
  end(): void;
  /** Ends the stream now. */
  destroy(): void;
}

/** Bytes given to the transport and not yet handed to the network, above which frames wait here. */
const inFlightBytesMax = 262_144;
/** Queue at which streams are told to pause, and at which they go on again. */
const congestedBytes = 1_048_576;
const relievedBytes = 524_288;

/** Who asked to be told when the queue is short again. */
export interface Waiter {
  relieved(): void;
}

/**
 * The way out of one stream. Frames of the same turn of the event loop leave as one message; when
 * the network is slow they wait here, counted, and grow into larger batches.
 */
export class Outbox {
  readonly writer = new FrameWriter();
  readonly #transport: Transport;
  readonly #stats: LinkStats;
  readonly #schedule: (flush: () => void) => void;
  #isScheduled = false;
  #isEnding = false;
  #isClosed = false;
  #inFlightBytes = 0;
  #waiters: Waiter[] = [];
  #waitersNext: Waiter[] = [];

  constructor(transport: Transport, stats: LinkStats, schedule: (flush: () => void) => void) {
    this.#transport = transport;
    this.#stats = stats;
    this.#schedule = schedule;
  }

  get queuedBytes(): number {
    return this.writer.bytes + this.#inFlightBytes;
  }

  get isCongested(): boolean {
    return this.queuedBytes >= congestedBytes;
  }

  /** To be called after writing frames: they leave at the end of this turn. */
  touch(): void {
    if (!this.#isScheduled && !this.#isClosed) {
      this.#isScheduled = true;
      this.#schedule(this.#flush);
    }
  }

  /** Tells `waiter` once, when the queue has become short. */
  waitForRelief(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** Ends the stream when everything written has left. */
  end(): void {
    this.#isEnding = true;
    this.touch();
  }

  close(): void {
    this.#isClosed = true;
    this.#inFlightBytes = 0;
    this.#waiters = [];
    this.writer.take();
  }

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#isClosed || this.#inFlightBytes >= inFlightBytesMax) {
      return;
    }
    for (const batch of this.writer.take()) {
      this.#inFlightBytes += batch.length;
      this.#stats.batchesOut += 1;
      this.#stats.bytesOut += batch.length;
      this.#transport.write(batch, () => this.#written(batch.length));
    }
    if (this.#isEnding) {
      this.#isClosed = true;
      this.#transport.end();
    }
  };

  #written(bytes: number): void {
    this.#inFlightBytes = Math.max(0, this.#inFlightBytes - bytes);
    if (this.#isClosed) {
      return;
    }
    if (this.writer.bytes > 0) {
      this.touch();
    }
    if (this.#waiters.length > 0 && this.queuedBytes <= relievedBytes) {
      this.#relieve();
    }
  }

  /** Who fills the queue again meanwhile waits for the next time, behind those told now. */
  #relieve(): void {
    const waiters = this.#waiters;
    this.#waiters = this.#waitersNext;
    this.#waitersNext = waiters;
    for (const waiter of waiters) {
      waiter.relieved();
    }
    waiters.length = 0;
  }
}
