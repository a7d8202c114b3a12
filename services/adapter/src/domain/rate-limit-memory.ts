/** A provider that asks for more is not believed: one wrong hint must not close it for a day. */
const WAIT_MS_MAX = 300_000;
const ENTRIES_MAX = 10_000;

/**
 * Which models of which providers said 429, and until when: calls meanwhile would only be refused
 * again and lengthen the wait. Times are in milliseconds of one clock, the caller's.
 */
export class RateLimitMemory {
  readonly #untilMs = new Map<string, number>();

  get size(): number {
    return this.#untilMs.size;
  }

  remember(provider: string, model: string, retryAfterMs: number, nowMs: number): void {
    if (retryAfterMs <= 0) {
      return;
    }
    const key = toKey(provider, model);
    const untilMs = nowMs + Math.min(retryAfterMs, WAIT_MS_MAX);
    const known = this.#untilMs.get(key) ?? 0;
    this.#untilMs.delete(key);
    this.#untilMs.set(key, Math.max(known, untilMs));
    this.#evictOldest();
  }

  /** Milliseconds to wait; 0 when the provider may be called. */
  remainingMs(provider: string, model: string, nowMs: number): number {
    if (this.#untilMs.size === 0) {
      return 0;
    }
    const key = toKey(provider, model);
    const untilMs = this.#untilMs.get(key);
    if (untilMs === undefined) {
      return 0;
    }
    if (untilMs <= nowMs) {
      this.#untilMs.delete(key);
      return 0;
    }
    return Math.ceil(untilMs - nowMs);
  }

  /** New credentials have new limits. */
  forgetProvider(provider: string): void {
    for (const key of this.#untilMs.keys()) {
      if (key.startsWith(`${provider}\n`)) {
        this.#untilMs.delete(key);
      }
    }
  }

  #evictOldest(): void {
    if (this.#untilMs.size <= ENTRIES_MAX) {
      return;
    }
    const [oldest] = this.#untilMs.keys();
    if (oldest !== undefined) {
      this.#untilMs.delete(oldest);
    }
  }
}

function toKey(provider: string, model: string): string {
  return `${provider}\n${model}`;
}
