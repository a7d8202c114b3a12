import { create } from "@fairlead/proto/wire";
import type { Logger } from "@fairlead/kit";
import { type UsageBatch, UsageBatchSchema, type UsageEvent } from "@fairlead/proto/usage/v1/usage";
import type { UsageSpool } from "./usage-spool.ts";

/** Somewhere that keeps bills: resolves when the batch is safe, throws when it may not be. */
export type DeliverUsage = (batch: UsageBatch) => Promise<void>;

/** Told when the bills of these generations are safe; called once for each batch. */
export interface UsageWitness {
  acknowledge(generationIds: string[]): void;
}

export interface UsageOutboxOptions {
  readonly source: string;
  /** In order of preference: the bus, then the ledger itself. */
  readonly ways: readonly DeliverUsage[];
  readonly spool: UsageSpool;
  readonly logger: Logger;
  readonly gatherMs?: number;
  readonly replayMs?: number;
}

interface Entry {
  readonly event: UsageEvent;
  readonly witness: UsageWitness | undefined;
}

const EVENTS_MAX = 500;
/** Each message costs the bus a sync to disk: fewer and larger ones, and still fresh bills. */
const GATHER_MS = 25;
/** Batches on their way at once; more wait in memory. */
const BATCHES_MAX = 8;
/** Events waiting in memory beyond which batches go straight to disk. */
const WAITING_MAX = 20_000;

/**
 * Where settled requests leave their bills. Nobody waits for it: it gathers for a few milliseconds,
 * delivers in batches, and falls back from bus to ledger to disk.
 */
export class UsageOutbox {
  readonly #options: UsageOutboxOptions;
  readonly #running = new Set<Promise<void>>();
  #waiting: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #replayTimer: NodeJS.Timeout | undefined;
  #lost = 0;

  constructor(options: UsageOutboxOptions) {
    this.#options = options;
  }

  /** Begins to replay what is on disk, now and from time to time. */
  start(): void {
    const replay = () => {
      this.#replay()
        .catch((error: unknown) => {
          this.#options.logger.warn({ error }, "spooled usage is still undeliverable");
        })
        .finally(() => {
          this.#replayTimer = setTimeout(replay, this.#options.replayMs ?? 2_000);
          this.#replayTimer.unref();
        });
    };
    replay();
  }

  /** Events not yet known to be safe, those on disk aside. */
  get depth(): number {
    return this.#waiting.length + this.#running.size * EVENTS_MAX;
  }

  /** Events that no place would take: the ledger sees them as gaps of their leases. */
  get lost(): number {
    return this.#lost;
  }

  add(event: UsageEvent, witness: UsageWitness | undefined): void {
    this.#waiting.push({ event, witness });
    if (this.#waiting.length >= EVENTS_MAX) {
      this.#send();
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#send(), this.#options.gatherMs ?? GATHER_MS);
    }
  }

  /** Resolves when everything added so far is safe (or lost). */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running.size > 0) {
      this.#send();
      await Promise.race(this.#running);
    }
  }

  /** After a last flush. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#replayTimer);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 && this.#running.size < BATCHES_MAX) {
      this.#run(this.#waiting.splice(0, EVENTS_MAX), false);
    }
    // Every way is slower than the requests come: memory must not be what gives.
    while (this.#waiting.length > WAITING_MAX) {
      this.#run(this.#waiting.splice(0, EVENTS_MAX), true);
    }
  }

  #run(entries: Entry[], toDisk: boolean): void {
    const running = this.#deliver(entries, toDisk).finally(() => {
      this.#running.delete(running);
      if (this.#waiting.length >= EVENTS_MAX) {
        this.#send();
      } else if (this.#waiting.length > 0 && this.#timer === undefined) {
        this.#timer = setTimeout(() => this.#send(), this.#options.gatherMs ?? GATHER_MS);
      }
    });
    this.#running.add(running);
  }

  async #deliver(entries: Entry[], toDisk: boolean): Promise<void> {
    const { source, logger, spool } = this.#options;
    const batch = create(UsageBatchSchema, { source, events: entries.map(({ event }) => event) });
    try {
      if (!toDisk && (await this.#tryWays(batch))) {
        acknowledge(entries);
        return;
      }
      await spool.append(batch);
    } catch (error) {
      this.#lost += entries.length;
      logger.error({ error, events: entries.length }, "usage was lost: no place took it");
    }
  }

  async #tryWays(batch: UsageBatch): Promise<boolean> {
    for (const deliver of this.#options.ways) {
      try {
        await deliver(batch);
        return true;
      } catch (error) {
        this.#options.logger.warn({ error, events: batch.events.length }, "usage not delivered");
      }
    }
    return false;
  }

  async #replay(): Promise<void> {
    const { spool, ways, logger } = this.#options;
    if (spool.files === 0) {
      return;
    }
    const batches = await spool.replay(async (batch) => {
      let failure: unknown;
      for (const deliver of ways) {
        try {
          return await deliver(batch);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    });
    logger.info({ batches }, "spooled usage delivered");
  }
}

function acknowledge(entries: readonly Entry[]): void {
  const byWitness = new Map<UsageWitness, string[]>();
  for (const { event, witness } of entries) {
    if (witness !== undefined) {
      const ids = byWitness.get(witness);
      if (ids === undefined) {
        byWitness.set(witness, [event.generationId]);
      } else {
        ids.push(event.generationId);
      }
    }
  }
  for (const [witness, generationIds] of byWitness) {
    try {
      witness.acknowledge(generationIds);
    } catch {
      // The bills are safe; a worker that was not told bills them again, which changes nothing.
    }
  }
}
