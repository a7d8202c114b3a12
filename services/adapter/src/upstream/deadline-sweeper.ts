/** Something with a deadline that may move. */
export interface Deadlined {
  /** The sweeper's own: its place there; below 0 when it is not watched. */
  sweeperIndex: number;
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
  // No `Set`: see `TransientMap` of `packages/kit`.
  readonly #watched: Deadlined[] = [];
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#watched.length;
  }

  watch(item: Deadlined): void {
    if (item.sweeperIndex < 0) {
      item.sweeperIndex = this.#watched.push(item) - 1;
    }
    // Stopped by a sweep that finds nothing: stopping it with each last call would cost more.
    this.#timer ??= setInterval(this.#tick, SWEEP_INTERVAL_MS).unref();
  }

  forget(item: Deadlined): void {
    const index = item.sweeperIndex;
    const last = index < 0 ? undefined : this.#watched.pop();
    item.sweeperIndex = -1;
    if (last !== undefined && last !== item) {
      this.#watched[index] = last;
      last.sweeperIndex = index;
    }
  }

  sweep(): void {
    const nowMs = this.#now();
    // Backwards, since who leaves is replaced by the last, which had its turn.
    for (let index = this.#watched.length - 1; index >= 0; index -= 1) {
      this.#watched[index]?.checkDeadline(nowMs);
    }
  }

  close(): void {
    for (const item of this.#watched.splice(0)) {
      item.sweeperIndex = -1;
    }
    this.#stop();
  }

  readonly #tick = (): void => {
    if (this.#watched.length === 0) {
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
