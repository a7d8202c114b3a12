import { create } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import type { Logger } from "@fairlead/kit";
import { UsageBatchSchema, type UsageEvent } from "@fairlead/proto/usage/v1/usage";
import { completeBill } from "../domain/complete-bill.ts";
import type { OpenBill } from "../generation/bill-book.ts";

const EVENTS_PER_BATCH_MAX = 500;
const GATHER_MS = 10;
const RETRY_MS = 1_000;
const PUBLISH_TIMEOUT_MS = 5_000;
/** Orphans belong to no lease's order, so they need no shard of their own. */
const SHARD = 0;

export interface BillPublisherOptions {
  readonly bus: Pick<Bus, "publishDurable">;
  readonly worker: string;
  readonly logger: Logger;
  /** Bills held while the bus takes none; the oldest are given up beyond it, and logged. */
  readonly billsMax?: number;
}

/**
 * Publishes the bills of orphaned generations until the bus has stored them. A bill that was
 * published twice, here or by a gateway, is posted once: its generation id is unique in the ledger.
 */
export class BillPublisher {
  readonly #options: BillPublisherOptions;
  readonly #billsMax: number;
  #waiting: UsageEvent[] = [];
  #inFlight: UsageEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #published = 0;

  constructor(options: BillPublisherOptions) {
    this.#options = options;
    this.#billsMax = options.billsMax ?? 100_000;
  }

  /** Bills that the bus has not stored yet. */
  get pending(): number {
    return this.#waiting.length + this.#inFlight.length;
  }

  get published(): number {
    return this.#published;
  }

  /** Never throws: a template that cannot be read is logged. */
  add(bill: OpenBill): void {
    const { logger } = this.#options;
    try {
      this.#waiting.push(completeBill(bill.template, bill.facts));
    } catch (error) {
      logger.error({ error }, "orphaned bill cannot be completed");
      return;
    }
    if (this.pending > this.#billsMax) {
      const lost = this.#waiting.shift();
      logger.error({ generation: lost?.generationId }, "orphaned bill given up");
    }
    this.#schedule(GATHER_MS);
  }

  /** Publishes what is there, now; false when something is left. */
  async flush(): Promise<boolean> {
    this.#cancelTimer();
    while (this.#waiting.length > 0 && this.#inFlight.length === 0) {
      if (!(await this.#publishBatch())) {
        return false;
      }
    }
    return this.pending === 0;
  }

  close(): void {
    this.#cancelTimer();
    if (this.pending > 0) {
      this.#options.logger.error({ bills: this.pending }, "orphaned bills were not published");
    }
  }

  async #publishBatch(): Promise<boolean> {
    const { bus, worker, logger } = this.#options;
    this.#inFlight = this.#waiting.splice(0, EVENTS_PER_BATCH_MAX);
    this.#sequence += 1;
    const batch = create(UsageBatchSchema, { events: this.#inFlight, source: worker });
    const options = {
      messageId: `${worker}-orphans-${this.#sequence}`,
      timeoutMs: PUBLISH_TIMEOUT_MS,
    };
    try {
      await bus.publishDurable(UsageBatchSchema, subjects.usage(SHARD), batch, options);
      this.#published += this.#inFlight.length;
      logger.info({ bills: this.#inFlight.length }, "orphaned bills published");
      this.#inFlight = [];
      return true;
    } catch (error) {
      logger.warn({ error, bills: this.pending }, "orphaned bills could not be published yet");
      this.#waiting.unshift(...this.#inFlight);
      this.#inFlight = [];
      this.#schedule(RETRY_MS);
      return false;
    }
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delayMs).unref();
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
