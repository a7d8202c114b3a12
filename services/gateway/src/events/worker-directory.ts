import type { WorkerAnnouncement } from "@fairlead/proto/events/v1/events";
import type { Link } from "@fairlead/rpc";
import { PeakEwma, type PickableWorker } from "../domain/worker-picker.ts";
import { acknowledgeUsage } from "./acknowledge-usage.ts";
import { DisownedBills } from "./disowned-bills.ts";
import type { UsageWitness } from "./usage-outbox.ts";

/** A silent worker whose link is down as well is gone after this. */
const SILENCE_MAX_MS = 3_000;

export interface WorkerDirectoryOptions {
  readonly openLink: (address: string) => Link;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A request that has nobody to serve it now. */
interface Waiter {
  readonly isReady: () => boolean;
  readonly done: (isReady: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests that may wait for a worker at once; more are told at once that there is none. */
const WAITERS_MAX = 10_000;

/** One adapter process and the link to it. */
export class Worker implements PickableWorker, UsageWitness {
  readonly id: string;
  readonly pool: string;
  readonly address: string;
  readonly link: Link;
  readonly disowned: DisownedBills;
  readonly providers: ReadonlySet<string>;
  readonly delay: PeakEwma;
  lastSeenMs: number;
  isDraining = false;

  constructor(
    announcement: WorkerAnnouncement,
    link: Link,
    disowned: DisownedBills,
    nowMs: number,
  ) {
    this.id = announcement.worker;
    this.pool = announcement.pool;
    this.address = announcement.address;
    this.link = link;
    this.disowned = disowned;
    this.providers = new Set(announcement.providers);
    this.delay = new PeakEwma(nowMs);
    this.lastSeenMs = nowMs;
  }

  get isReady(): boolean {
    return !this.isDraining && this.link.state === "ready";
  }

  get inFlight(): number {
    return this.link.inFlight;
  }

  /** The worker need not bill these itself should this process die. Lost word is no harm. */
  acknowledge(generationIds: string[]): void {
    acknowledgeUsage(this.link, generationIds);
  }
}

function hasSame(known: ReadonlySet<string>, announced: readonly string[]): boolean {
  return known.size === announced.length && announced.every((provider) => known.has(provider));
}

const none: readonly Worker[] = [];

/**
 * The adapter workers that announce themselves, with a link to each. A worker is dropped when it
 * drains, or when it is silent and its link is down too: while only the message bus is away, the
 * links say who is alive.
 */
export class WorkerDirectory {
  readonly #options: WorkerDirectoryOptions;
  readonly #pools = new Map<string, readonly Worker[]>();
  readonly #workers = new Map<string, Worker>();
  /** Draining workers whose calls are still to end. */
  readonly #leaving = new Set<Worker>();
  readonly #waiters = new Set<Waiter>();
  #disownedLost = 0;

  constructor(options: WorkerDirectoryOptions) {
    this.#options = options;
  }

  pool(name: string): readonly Worker[] {
    return this.#pools.get(name) ?? none;
  }

  get size(): number {
    return this.#workers.size;
  }

  get readyCount(): number {
    let count = 0;
    for (const worker of this.#workers.values()) {
      count += worker.isReady ? 1 : 0;
    }
    return count;
  }

  /** Requests that wait for a worker. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Disowned attempts that a worker could not be told of: it may have billed them. */
  get disownedLost(): number {
    return this.#disownedLost;
  }

  /** Calls back once: when `isReady` holds after a change of some worker, or after the timeout. */
  waitUntil(isReady: () => boolean, timeoutMs: number, done: (isReady: boolean) => void): void {
    if (this.#waiters.size >= WAITERS_MAX) {
      done(false);
      return;
    }
    const timer = setTimeout(() => {
      this.#waiters.delete(waiter);
      done(false);
    }, timeoutMs);
    const waiter: Waiter = { isReady, done, timer };
    this.#waiters.add(waiter);
  }

  announce(announcement: WorkerAnnouncement): void {
    const known = this.#workers.get(announcement.worker);
    if (known === undefined) {
      if (!announcement.isDraining) {
        this.#add(announcement);
      }
      return;
    }
    known.lastSeenMs = this.#options.now();
    if (announcement.isDraining) {
      this.#remove(known);
    } else if (!hasSame(known.providers, announcement.providers)) {
      // The credentials of a worker are read once, but a catalog change may add a provider.
      this.#replace(known, announcement);
    }
  }

  /** To be called about twice a second. */
  sweep(): void {
    const nowMs = this.#options.now();
    for (const worker of this.#workers.values()) {
      const isSilent = nowMs - worker.lastSeenMs > SILENCE_MAX_MS;
      if (isSilent && worker.link.state !== "ready") {
        this.#remove(worker);
      }
    }
    for (const worker of this.#leaving) {
      if (worker.link.inFlight === 0 || worker.link.state === "connecting") {
        this.#leaving.delete(worker);
        worker.link.close();
      }
    }
  }

  close(): void {
    for (const { timer, done } of this.#waiters) {
      clearTimeout(timer);
      done(false);
    }
    this.#waiters.clear();
    for (const worker of [...this.#workers.values(), ...this.#leaving]) {
      worker.link.close();
    }
    this.#workers.clear();
    this.#leaving.clear();
    this.#pools.clear();
  }

  #add(announcement: WorkerAnnouncement): void {
    for (const worker of this.#workers.values()) {
      // The same address under a new name is a process that was restarted.
      if (worker.address === announcement.address) {
        this.#remove(worker);
      }
    }
    const link = this.#options.openLink(announcement.address);
    // Before the listener below: who waits may go to the same worker again, under the same id.
    const disowned = new DisownedBills(link, (count) => {
      this.#disownedLost += count;
    });
    link.onStateChange(() => this.#wakeWaiters());
    const worker = new Worker(announcement, link, disowned, this.#options.now());
    this.#workers.set(worker.id, worker);
    this.#pools.set(worker.pool, [...this.pool(worker.pool), worker]);
    this.#wakeWaiters();
  }

  #wakeWaiters(): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.isReady()) {
        this.#waiters.delete(waiter);
        clearTimeout(waiter.timer);
        waiter.done(true);
      }
    }
  }

  #replace(worker: Worker, announcement: WorkerAnnouncement): void {
    const { link, disowned } = worker;
    const next = new Worker(announcement, link, disowned, this.#options.now());
    this.#workers.set(next.id, next);
    this.#pools.set(
      worker.pool,
      this.pool(worker.pool).map((it) => (it === worker ? next : it)),
    );
    this.#wakeWaiters();
  }

  #remove(worker: Worker): void {
    worker.isDraining = true;
    this.#workers.delete(worker.id);
    this.#leaving.add(worker);
    const rest = this.pool(worker.pool).filter((it) => it !== worker);
    if (rest.length === 0) {
      this.#pools.delete(worker.pool);
    } else {
      this.#pools.set(worker.pool, rest);
    }
  }
}
