import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { createLogger } from "@fairlead/kit";
import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { type UsageBatch, UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { createClient, type RpcClient } from "@fairlead/rpc";
import { type Bench, type Row, SkippedRow } from "./row.ts";
import { type Bill, COST_NANO, createBatch, EVENTS_PER_BATCH } from "./usage-batch.ts";

const BATCHES = 100;
const SHARDS = 8;
const PUBLISHERS = 4;
const CREDIT_NANO = 1_000_000_000_000n;
const CALL = { timeoutMs: 10_000 };
const POLL_MS = 20;
const SETTLE_MAX_MS = 120_000;

type Ledger = RpcClient<typeof LedgerService>;

/** Usage events of one account, from NATS through the ledger into Postgres, each posted once. */
export const settle: Row = {
  name: "settle",
  run: async (bench) => {
    const { ledger: address, nats } = bench.addresses;
    if (address === undefined || nats === undefined) {
      throw new SkippedRow("the addresses of the ledger and of NATS are not known");
    }
    const logger = createLogger({ service: "bench", level: "warn" });
    const ledger = createClient(LedgerService, address);
    const bus = await connectBus({ url: nats, name: "bench", logger });
    try {
      return await measure(bench, ledger, bus);
    } finally {
      await bus.close();
      ledger.close();
    }
  },
};

async function measure(bench: Bench, ledger: Ledger, bus: Bus) {
  const total = BATCHES * EVENTS_PER_BATCH;
  const values: number[] = [];
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const bill = await openLease(ledger, BigInt(total) * COST_NANO);
    const batches = Array.from({ length: BATCHES }, (_, index) => createBatch(bill, index));
    const startedAt = performance.now();
    await publishAll(bus, batches);
    await waitForUsage(ledger, bill.accountId, BigInt(total) * COST_NANO);
    values.push((total * 1000) / (performance.now() - startedAt));
    await ledger.closeLease(
      {
        leaseId: bill.leaseId,
        gatewayId: bill.gatewayId,
        spentTotalNano: BigInt(total) * COST_NANO,
        lastEventSeq: BigInt(total),
      },
      CALL,
    );
  }
  return [
    {
      name: "settled usage events, one account",
      unit: "events/s" as const,
      values,
      budget: { limit: 20_000, goal: 20_000, wants: "more" as const },
    },
  ];
}

/** A new account with credit, all that is needed of it leased to this benchmark. */
async function openLease(ledger: Ledger, needNano: bigint): Promise<Bill> {
  const gatewayId = `bench-${randomUUID()}`;
  const { accountId } = await ledger.createAccount(
    { name: "Benchmark", idempotencyKey: gatewayId },
    CALL,
  );
  await ledger.addCredits(
    { accountId, amountNano: CREDIT_NANO, idempotencyKey: gatewayId, reason: "benchmark" },
    CALL,
  );
  const { key } = await ledger.createKey({ accountId, name: "Benchmark" }, CALL);
  const keyId = key?.keyId ?? "";
  const { leaseId } = await ledger.grantLease(
    { accountId, keyId, gatewayId, seq: 1n, needNano, wantNano: needNano },
    CALL,
  );
  if (leaseId === "") {
    throw new Error("the ledger granted no lease for the benchmark's account");
  }
  return { accountId, keyId, gatewayId, leaseId };
}

async function publishAll(bus: Bus, batches: readonly UsageBatch[]): Promise<void> {
  const pending = [...batches.entries()];
  const work = async (): Promise<void> => {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const [index, batch] = next;
      const messageId = `${batch.source}-${index}`;
      await bus.publishDurable(UsageBatchSchema, subjects.usage(index % SHARDS), batch, {
        messageId,
        ...CALL,
      });
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, work));
}

/** Resolves when all is charged; more than that would be a bill too many, and fails. */
async function waitForUsage(ledger: Ledger, accountId: string, wanted: bigint): Promise<void> {
  const endsAt = performance.now() + SETTLE_MAX_MS;
  for (;;) {
    const { totalUsageNano } = await ledger.getCredits({ accountId }, CALL);
    if (totalUsageNano === wanted) {
      return;
    }
    if (totalUsageNano > wanted || performance.now() > endsAt) {
      throw new Error(`charged ${totalUsageNano} of ${wanted} nano-USD`);
    }
    await sleep(POLL_MS);
  }
}
