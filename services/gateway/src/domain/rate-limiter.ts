/** A request that came too early. */
export interface RateRefusal {
  readonly limit: number;
  readonly retryAfterMs: number;
  /** Until the whole burst is available again. */
  readonly resetAfterMs: number;
}

export interface RateLimiterOptions {
  /** Monotonic milliseconds: a clock that is set back would shut out who was here just now. */
  readonly now: () => number;
  /** Ids remembered at most; the oldest are forgotten first. */
  readonly capacity?: number;
  readonly windowMs?: number;
}

/**
 * GCRA: one number per id. A limit of n lets n requests through at once and then one each
 * window/n, so that no window boundary lets a double burst pass.
 */
export class RateLimiter {
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #windowMs: number;
  /** Theoretical arrival time of the next request, by id. */
  readonly #arrivals = new Map<string, number>();

  constructor(options: RateLimiterOptions) {
    this.#now = options.now;
    this.#capacity = options.capacity ?? 100_000;
    this.#windowMs = options.windowMs ?? 60_000;
  }

  /** Takes one; undefined when it was there. A limit of 0 is none. */
  take(id: string, limit: number): RateRefusal | undefined {
    if (limit === 0) {
      return undefined;
    }
    const nowMs = this.#now();
    const intervalMs = this.#windowMs / limit;
    const arrivalMs = Math.max(this.#arrivals.get(id) ?? 0, nowMs);
    const earliestMs = arrivalMs + intervalMs - this.#windowMs;
    // Half a microsecond of slack: sums of intervals are not exact.
    if (earliestMs > nowMs + 0.000_5) {
      return {
        limit,
        retryAfterMs: Math.ceil(earliestMs - nowMs),
        resetAfterMs: arrivalMs - nowMs,
      };
    }
    this.#store(id, arrivalMs + intervalMs, nowMs);
    return undefined;
  }

  /** Whether a `take` would pass now. */
  isOpen(id: string, limit: number): boolean {
    const nowMs = this.#now();
    const arrivalMs = Math.max(this.#arrivals.get(id) ?? 0, nowMs);
    return limit === 0 || arrivalMs + this.#windowMs / limit - this.#windowMs <= nowMs + 0.000_5;
  }

  #store(id: string, arrivalMs: number, nowMs: number): void {
    if (this.#arrivals.size >= this.#capacity && !this.#arrivals.has(id)) {
      this.#forgetSome(nowMs);
    }
    this.#arrivals.set(id, arrivalMs);
  }

  /** Those whose burst is whole again carry no information; failing that, the oldest goes. */
  #forgetSome(nowMs: number): void {
    let looked = 0;
    for (const [id, arrivalMs] of this.#arrivals) {
      if (arrivalMs <= nowMs || looked === 0) {
        this.#arrivals.delete(id);
      }
      looked += 1;
      if (looked >= 16) {
        return;
      }
    }
  }
}
