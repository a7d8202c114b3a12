/** Something with a deadline that may move. */
export interface Deadlined {
  /** `nowMs` is of the sweeper's monotonic clock. May remove itself from the sweeper. */
  checkDeadline(nowMs: number): void;
}

/** Deadlines are seconds; being late by this much harms nobody. */
const SWEEP_INTERVAL_MS = 25;

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
    // Started once and left running: starting and stopping it with each call costs more.
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_INTERVAL_MS).unref();
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
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#watched.clear();
  }
}
