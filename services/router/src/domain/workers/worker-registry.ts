import type { WorkerAnnouncement } from "@fairlead/proto/events/v1/events";
import type { PoolView } from "../policy/plan-types.ts";

/** A worker announces itself every second; three missed announcements mean that it is gone. */
export const workerSilenceMs = 3_000;
/** A worker that is full still serves: it queues, or the gateway takes another one. */
const headroomMin = 0.05;
/** An emptied pool is still spoken of for so long; after that it was removed on purpose. */
const poolMemoryMs = 86_400_000;
const poolsMax = 1_000;

interface Worker {
  readonly pool: string;
  readonly address: string;
  readonly providers: readonly string[];
  readonly capacity: number;
  readonly inFlight: number;
  readonly seenMs: number;
}

interface ProviderPool {
  readonly pool: string;
  readonly headroom: number;
}

/** Which pools of live workers serve which provider, from the workers' announcements. */
export class WorkerRegistry implements PoolView {
  readonly #workers = new Map<string, Worker>();
  #pools: ReadonlyMap<string, ProviderPool> = new Map();
  /** When each pool last had a worker. */
  readonly #poolsSeenMs = new Map<string, number>();

  /** True when a provider came or went by it. */
  announce(announcement: WorkerAnnouncement, nowMs: number): boolean {
    if (announcement.isDraining) {
      this.#workers.delete(announcement.worker);
    } else {
      this.#workers.set(announcement.worker, {
        pool: announcement.pool,
        address: announcement.address,
        providers: announcement.providers,
        capacity: announcement.capacity,
        inFlight: announcement.inFlight,
        seenMs: nowMs,
      });
    }
    this.#rememberPool(announcement.pool, nowMs);
    return this.refresh(nowMs);
  }

  /** Forgets silent workers; called a few times a second. True when a provider came or went. */
  refresh(nowMs: number): boolean {
    for (const [id, worker] of this.#workers) {
      if (nowMs - worker.seenMs > workerSilenceMs) {
        this.#workers.delete(id);
      }
    }
    const before = this.#pools;
    this.#pools = assignPools([...this.#workers.values()]);
    return (
      before.size !== this.#pools.size || [...before.keys()].some((key) => !this.#pools.has(key))
    );
  }

  /** Nobody can be heard while the message bus is away: that is no silence of theirs. */
  keepAll(nowMs: number): void {
    for (const [id, worker] of this.#workers) {
      this.#workers.set(id, { ...worker, seenMs: nowMs });
    }
  }

  poolOf(provider: string): string | undefined {
    return this.#pools.get(provider)?.pool;
  }

  headroomOf(provider: string): number {
    return this.#pools.get(provider)?.headroom ?? 0;
  }

  /** Live workers by pool: 0 for one that had some within the last day. */
  countByPool(nowMs: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [pool, seenMs] of this.#poolsSeenMs) {
      if (nowMs - seenMs > poolMemoryMs) {
        this.#poolsSeenMs.delete(pool);
      } else {
        counts.set(pool, 0);
      }
    }
    for (const { pool } of this.#workers.values()) {
      const count = counts.get(pool);
      if (count !== undefined) {
        counts.set(pool, count + 1);
      }
    }
    return counts;
  }

  get providers(): number {
    return this.#pools.size;
  }

  #rememberPool(pool: string, nowMs: number): void {
    if (this.#poolsSeenMs.has(pool) || this.#poolsSeenMs.size < poolsMax) {
      this.#poolsSeenMs.set(pool, nowMs);
    }
  }
}

/** Of several pools that serve a provider the first by name, so that all routers choose alike. */
function assignPools(workers: readonly Worker[]): Map<string, ProviderPool> {
  const load = new Map<string, { capacity: number; inFlight: number }>();
  const poolByProvider = new Map<string, string>();
  for (const { pool, providers, capacity, inFlight } of workers) {
    const known = load.get(pool) ?? { capacity: 0, inFlight: 0 };
    known.capacity += capacity;
    known.inFlight += inFlight;
    load.set(pool, known);
    for (const provider of providers) {
      const other = poolByProvider.get(provider);
      if (other === undefined || pool < other) {
        poolByProvider.set(provider, pool);
      }
    }
  }
  const pools = new Map<string, ProviderPool>();
  for (const [provider, pool] of poolByProvider) {
    const { capacity, inFlight } = load.get(pool) ?? { capacity: 0, inFlight: 0 };
    const headroom = capacity === 0 ? 1 : Math.max(headroomMin, 1 - inFlight / capacity);
    pools.set(provider, { pool, headroom });
  }
  return pools;
}
