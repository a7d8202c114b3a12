import type { UsageEvent } from "@fairlead/proto/usage/v1/usage";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createEvent,
  type Payer,
  startTestLedger,
  type TestLedger,
} from "../testing/test-ledger.ts";

const LEASE_MS = 60_000;
const RUNS = 30;

let ledger: TestLedger;
let run = 0;

beforeAll(async () => {
  ledger = await startTestLedger();
});

afterAll(async () => {
  await ledger.close();
});

const amount = fc.bigInt({ min: 1n, max: 700n });
const pick = fc.nat(1_000);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("take" as const), amount, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reserve" as const), amount, pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("bill" as const), amount, pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("deliver" as const), amount, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("redeliver" as const), amount, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("close" as const), amount, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("credit" as const), amount, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), amount, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), amount, pick }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface ModelLease {
  readonly id: string;
  readonly payer: Payer;
  billed: bigint;
  events: bigint;
}

/** Gateways as the ledger sees them: leases, bills on their way in any order, closings, crashes. */
class Model {
  readonly leases: ModelLease[] = [];
  readonly pending: UsageEvent[] = [];
  readonly delivered: UsageEvent[] = [];
  readonly payers: readonly Payer[];
  billedNano = 0n;
  creditedNano: bigint;
  #ids = 0;

  constructor(payers: readonly Payer[], creditedNano: bigint) {
    this.payers = payers;
    this.creditedNano = creditedNano;
  }

  async apply({ kind, amount: nano, pick: index }: Step): Promise<void> {
    const { leases, usage: _, accounts } = ledger.stores;
    const payer = this.payers[index % this.payers.length] as Payer;
    const lease = this.leases[index % Math.max(1, this.leases.length)];
    this.#ids += 1;
    const id = `run-${run}-${this.#ids}`;
    if (kind === "take" || kind === "reserve") {
      const decision = await leases.take({
        ...payer,
        leaseId: id,
        gatewayId: "gateway",
        wantNano: nano,
        needNano: nano / 2n,
        expiresAtMs: ledger.clock.nowMs + LEASE_MS,
        isSingle: kind === "reserve",
      });
      if (decision.grantedNano > 0n) {
        this.leases.push({ id, payer, billed: 0n, events: 0n });
      }
    } else if (kind === "bill") {
      const events = lease === undefined ? 0n : lease.events + 1n;
      const fields = { generationId: id, leaseId: lease?.id ?? "", leaseSeq: events };
      this.pending.push(createEvent(lease?.payer ?? payer, nano, fields));
      this.billedNano += nano;
      if (lease !== undefined) {
        lease.billed += nano;
        lease.events = events;
      }
    } else if (kind === "deliver") {
      const batch = this.pending.splice(index % Math.max(1, this.pending.length), 5);
      this.delivered.push(...batch);
      await ledger.poster.post(batch, { source: "test" });
    } else if (kind === "redeliver") {
      await ledger.poster.post(this.delivered.slice(index % 7), { source: "test" });
    } else if (kind === "close" && lease !== undefined) {
      const { id: leaseId, billed: spentTotalNano, events: lastEventSeq } = lease;
      await leases.close({ leaseId, gatewayId: "gateway", spentTotalNano, lastEventSeq });
    } else if (kind === "credit") {
      await accounts.addCredits({ ...payer, amountNano: nano, idempotencyKey: id, reason: "" });
      this.creditedNano += nano;
    } else if (kind === "expire") {
      await leases.expire(ledger.clock.nowMs + LEASE_MS + 1, 3);
    } else if (kind === "release") {
      await leases.releaseSuspense(ledger.clock.nowMs + LEASE_MS + 1, 1);
    }
  }
}

async function readTotals(payers: readonly Payer[]) {
  const { rows } = await ledger.pool.query(
    `SELECT sum(available_nano)::bigint AS available, sum(leased_nano)::bigint AS leased,
            sum(usage_nano)::bigint AS usage, sum(credits_nano)::bigint AS credits,
            (SELECT coalesce(sum(granted_nano - spent_nano - returned_nano), 0)::bigint FROM leases
             WHERE state = 'expired' AND account_id = ANY($1)) AS suspended,
            (SELECT sum(leased_nano)::bigint FROM key_budgets WHERE key_id = ANY($2)) AS key_leased
     FROM account_balances WHERE account_id = ANY($1)`,
    [payers.map((payer) => payer.accountId), payers.map((payer) => payer.keyId)],
  );
  return rows[0];
}

describe("the books under random work", () => {
  it("sum to zero at every step, and charge each bill exactly once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        run += 1;
        const limit = { limitNano: 1_500n, limitReset: "daily" as const };
        const payers = [await ledger.addPayer(2_000n), await ledger.addPayer(2_000n, limit)];
        const model = new Model(payers, 4_000n);
        for (const it of steps) {
          await model.apply(it);
        }
        expect(await ledger.stores.checkBooks()).toMatchObject({
          imbalanceNano: 0n,
          wrongBalances: 0,
        });
        await ledger.poster.post([...model.pending, ...model.delivered], { source: "test" });
        for (const lease of model.leases) {
          await ledger.stores.leases.close({
            leaseId: lease.id,
            gatewayId: "gateway",
            spentTotalNano: lease.billed,
            lastEventSeq: lease.events,
          });
        }
        const totals = await readTotals(payers);
        expect(totals).toMatchObject({
          leased: 0n,
          suspended: 0n,
          key_leased: 0n,
          usage: model.billedNano,
          credits: model.creditedNano,
        });
        // What is left is what came in less what was used, but for what no credit covered.
        const overspent = totals.available - model.creditedNano + model.billedNano;
        expect(overspent >= 0n).toBe(true);
        const books = await ledger.stores.checkBooks();
        expect(books).toMatchObject({ imbalanceNano: 0n, wrongBalances: 0 });
      }),
      { numRuns: RUNS },
    );
  });
});
