import { subjects } from "@fairlead/bus";
import type { Pool } from "@fairlead/db";
import type { Logger } from "@fairlead/kit";
import { LeaseRecallSchema } from "@fairlead/proto/events/v1/events";
import { addToOutbox } from "../store/outbox-store.ts";

/** One recall of an account tells every gateway: more of them in this time bring nothing new. */
const PAUSE_MS = 250;
const ACCOUNTS_MAX = 10_000;

export interface LeaseRecallerOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly now: () => number;
  /** Called when a recall is in the outbox. */
  readonly onRecall: () => void;
}

/** Asks the gateways to give back idle leases of an account whose credit is all out on lease. */
export class LeaseRecaller {
  readonly #options: LeaseRecallerOptions;
  readonly #lastMs = new Map<string, number>();

  constructor(options: LeaseRecallerOptions) {
    this.#options = options;
  }

  recall(accountId: string): void {
    const { pool, logger, now, onRecall } = this.#options;
    const nowMs = now();
    if (nowMs - (this.#lastMs.get(accountId) ?? 0) < PAUSE_MS) {
      return;
    }
    if (this.#lastMs.size >= ACCOUNTS_MAX) {
      this.#lastMs.clear();
    }
    this.#lastMs.set(accountId, nowMs);
    // No lease ids: all of the account.
    const message = { accountId, reason: "credit is all out on lease" };
    addToOutbox(pool, LeaseRecallSchema, subjects.leaseRecall, message).then(
      onRecall,
      (error: unknown) => logger.warn({ error }, "leases could not be recalled"),
    );
  }
}
