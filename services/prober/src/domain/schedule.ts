/**
 * Consecutive failures make an endpoint wait twice as long each time, up to this many doublings.
 */
const DOUBLINGS_MAX = 4;
/** Endpoints are not all probed in the same instant: each wait is drawn from 1 ± this share. */
const JITTER = 0.2;
/** Below the interval, a repaired endpoint must be found quickly: the first retries come early. */
const DOWN_INTERVAL_MS = 5_000;

export interface ScheduleOptions {
  readonly intervalMs: number;
  /** Between two probes of an endpoint that is up and whose probe costs money. */
  readonly paidIntervalMs: number;
  /** Endpoints remembered; the ones longest unseen are forgotten first. */
  readonly endpointsMax: number;
  readonly random: () => number;
}

/** What a probe found. */
export interface Finding {
  readonly isUp: boolean;
  /** Whether the probe cost nothing. */
  readonly isFree: boolean;
}

interface Entry {
  /** When the last finding was made. */
  foundMs: number;
  dueMs: number;
  failures: number;
  isFree: boolean;
  isRunning: boolean;
}

/** Decides which of the idle endpoints to probe now. Pure: the clock is passed in. */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The endpoints to probe now, at most `limit`; they count as running until {@link finish}. Those
   * whose probes are free go first, so that paid ones never keep them waiting.
   */
  take(endpointIds: readonly string[], limit: number, nowMs: number): string[] {
    const due = endpointIds.filter((id) => {
      const entry = this.#entryOf(id);
      return !entry.isRunning && entry.dueMs <= nowMs;
    });
    const isFree = (id: string) => this.#entries.get(id)?.isFree ?? true;
    const ranked = [...due.filter(isFree), ...due.filter((id) => !isFree(id))];
    const taken = [...new Set(ranked)].slice(0, limit);
    for (const id of taken) {
      this.#entryOf(id).isRunning = true;
    }
    return taken;
  }

  finish(endpointId: string, finding: Finding, nowMs: number): void {
    this.#apply(endpointId, finding, nowMs).isRunning = false;
  }

  /** What another prober found: counts as if it were found here, unless it comes late. */
  note(endpointId: string, finding: Finding, atMs: number): void {
    const known = this.#entries.get(endpointId);
    if (known === undefined || atMs >= known.foundMs) {
      this.#apply(endpointId, finding, atMs);
    }
  }

  #apply(endpointId: string, { isUp, isFree }: Finding, atMs: number): Entry {
    const entry = this.#entryOf(endpointId);
    entry.isFree = isFree;
    entry.failures = isUp ? 0 : entry.failures + 1;
    entry.foundMs = atMs;
    entry.dueMs = atMs + this.#waitMs(entry);
    return entry;
  }

  #waitMs({ failures, isFree }: Entry): number {
    const { intervalMs, paidIntervalMs, random } = this.#options;
    const baseMs =
      failures === 0
        ? isFree
          ? intervalMs
          : paidIntervalMs
        : Math.min(intervalMs, DOWN_INTERVAL_MS * 2 ** Math.min(failures - 1, DOUBLINGS_MAX));
    return baseMs * (1 - JITTER + 2 * JITTER * random());
  }

  /** Moves the entry to the newest place, so that the oldest is always the longest unseen. */
  #entryOf(id: string): Entry {
    const entry = this.#entries.get(id) ?? {
      foundMs: 0,
      dueMs: 0,
      failures: 0,
      isFree: true,
      isRunning: false,
    };
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size > this.#options.endpointsMax) {
      for (const [oldest, { isRunning }] of this.#entries) {
        if (!isRunning) {
          this.#entries.delete(oldest);
          break;
        }
      }
    }
    return entry;
  }
}
