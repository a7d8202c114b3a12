import type { Logger } from "@fairlead/kit";
import type { Meter } from "@opentelemetry/api";
import type { LeaseStore, SweepResult } from "../store/lease-store.ts";

const PERIOD_MS = 5_000;
const BATCH_MAX = 500;

export interface LeaseSweeperOptions {
  readonly leases: LeaseStore;
  readonly logger: Logger;
  readonly meter: Meter;
  /** After a lease's expiry: how long its bills may still be under way. */
  readonly graceMs: number;
  /** After a lease's expiry: how long its remainder stays in suspense. */
  readonly releaseMs: number;
  readonly now: () => number;
}

/** Looks for leases of gateways that did not come back. Every replica may run one. */
export class LeaseSweeper {
  readonly #options: LeaseSweeperOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #expired = 0;
  #suspendedNano = 0;

  constructor(options: LeaseSweeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#running ??= this.#sweepSafely();
    }, PERIOD_MS);
    options.meter
      .createObservableCounter("fairlead.ledger.lease.expired", { unit: "{lease}" })
      .addCallback((result) => result.observe(this.#expired));
    options.meter
      .createObservableCounter("fairlead.ledger.lease.suspended", { unit: "nUSD" })
      .addCallback((result) => result.observe(this.#suspendedNano));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One look; what the timer does. */
  async sweep(): Promise<void> {
    const { leases, logger, graceMs, releaseMs, now } = this.#options;
    await repeat(async () => {
      const expired = await leases.expire(now() - graceMs, BATCH_MAX);
      if (expired.leases > 0n) {
        this.#expired += Number(expired.leases);
        this.#suspendedNano += Number(expired.amountNano);
        logger.warn(describe(expired), "leases expired unexplained; their rest is in suspense");
      }
      return expired;
    });
    await repeat(async () => {
      const released = await leases.releaseSuspense(now() - releaseMs, BATCH_MAX);
      if (released.leases > 0n) {
        logger.warn(describe(released), "suspense that no bill explained went back");
      }
      return released;
    });
  }

  async #sweepSafely(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.#options.logger.warn({ error }, "sweep failed; trying again");
    } finally {
      this.#running = undefined;
    }
  }
}

async function repeat(step: () => Promise<SweepResult>): Promise<void> {
  while ((await step()).leases === BigInt(BATCH_MAX));
}

function describe({ leases, amountNano }: SweepResult): Record<string, string> {
  return { leases: String(leases), amountNano: String(amountNano) };
}
