import type { WorkerAnnouncement } from "@fairlead/proto/events/v1/events";

/** Three announcements missed: the worker is gone. */
const SILENCE_MS = 3_000;

interface Known {
  readonly announcement: WorkerAnnouncement;
  readonly seenMs: number;
}

/** The adapter workers that are alive, by what they announced last. */
export class WorkerList {
  readonly #workers = new Map<string, Known>();

  hear(announcement: WorkerAnnouncement, nowMs: number): void {
    if (announcement.isDraining) {
      this.#workers.delete(announcement.worker);
    } else {
      this.#workers.set(announcement.worker, { announcement, seenMs: nowMs });
    }
  }

  /** The least busy live worker that serves a provider of a pool, or undefined. */
  find(pool: string, provider: string, nowMs: number): WorkerAnnouncement | undefined {
    let best: WorkerAnnouncement | undefined;
    for (const [worker, { announcement, seenMs }] of this.#workers) {
      if (nowMs - seenMs > SILENCE_MS) {
        this.#workers.delete(worker);
        continue;
      }
      const serves = announcement.pool === pool && announcement.providers.includes(provider);
      if (serves && (best === undefined || announcement.inFlight < best.inFlight)) {
        best = announcement;
      }
    }
    return best;
  }

  /** Addresses of all live workers. */
  addresses(): Set<string> {
    return new Set([...this.#workers.values()].map(({ announcement }) => announcement.address));
  }
}
