/** Something with a deadline that may move. */
export interface Deadlined {
  /** `nowMs` is of the sweeper's monotonic clock. May remove itself from the sweeper. */
  checkDeadline(nowMs: number): void;
}

/** Deadlines are seconds; being late by this much harms nobody. */
const SWEEP_INTERVAL_MS = 100;

/**
 * Watches the deadlines of all open calls with one timer. A timer for each would be set, moved and
 * cleared several times a request, and moved with every event of a stream.
 */
export class DeadlineSweeper {
  readonly #watched = new Set<Deadlined>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#watched.size;
  }

  watch(item: Deadlined): void {
    this.#watched.add(item);
    // Stopped by a sweep that finds nothing: stopping it with each last call would cost more.
    this.#timer ??= setInterval(this.#tick, SWEEP_INTERVAL_MS).unref();
  }

  forget(item: Deadlined): void {
    this.#watched.delete(item);
  }

  sweep(): void {
    const nowMs = this.#now();
    for (const item of this.#watched) {
      item.checkDeadline(nowMs);
    }
  }

  close(): void {
    this.#watched.clear();
    this.#stop();
  }

  readonly #tick = (): void => {
    if (this.#watched.size === 0) {
      this.#stop();
    } else {
      this.sweep();
    }
  };

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
