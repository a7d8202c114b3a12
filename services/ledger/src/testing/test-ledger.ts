import { create } from "@bufbuild/protobuf";
import type { Pool } from "@fairlead/db";
import { createLogger } from "@fairlead/kit";
import { costNano, priceVersion } from "@fairlead/pricing";
import { Outcome, type UsageEvent, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import { startPostgres } from "@fairlead/testing";
import { metrics, trace } from "@opentelemetry/api";
import { createUsageMetrics } from "../events/usage-metrics.ts";
import { UsagePoster } from "../events/usage-poster.ts";
import { createStores, type Stores } from "../store/create-stores.ts";
import { migrateDatabase, openDatabase } from "../store/open-database.ts";

export const logger = createLogger({ service: "test", level: "silent" });
export const pepper = "0123456789abcdef0123456789abcdef";

export interface TestLedger {
  readonly url: string;
  readonly pool: Pool;
  readonly stores: Stores;
  readonly poster: UsagePoster;
  readonly clock: { nowMs: number };
  /** A fresh account with so much credit and a key, unlimited unless said otherwise. */
  addPayer(creditNano: bigint, limit?: PayerLimit): Promise<Payer>;
  close(): Promise<void>;
}

export interface PayerLimit {
  readonly limitNano: bigint;
  readonly limitReset: "" | "daily" | "weekly" | "monthly";
}

export interface Payer {
  readonly accountId: string;
  readonly keyId: string;
}

/** The ledger's own stores on a real Postgres, with a clock that the test turns. */
export async function startTestLedger(): Promise<TestLedger> {
  const postgres = await startPostgres();
  const clock = { nowMs: Date.UTC(2026, 10, 21, 12) };
  const address = { url: postgres.url, logger, isDisposable: true };
  await migrateDatabase(address);
  const pool = await openDatabase({ ...address, poolMax: 8, statementTimeoutMs: 20_000 });
  const stores = createStores(pool, () => clock.nowMs);
  const poster = new UsagePoster({
    store: stores.usage,
    tracer: trace.getTracer("test"),
    metrics: createUsageMetrics(metrics.getMeter("test")),
    logger,
  });
  return {
    url: postgres.url,
    pool,
    stores,
    poster,
    clock,
    addPayer: (creditNano, limit) => addPayer(stores, clock.nowMs, creditNano, limit),
    async close() {
      await pool.end();
      await postgres.stop();
    },
  };
}

let payers = 0;

async function addPayer(
  { accounts, keys }: Stores,
  nowMs: number,
  creditNano: bigint,
  limit: PayerLimit | undefined,
): Promise<Payer> {
  payers += 1;
  const number = payers;
  const accountId = await accounts.create(`payer ${number}`, `payer-${number}`);
  if (creditNano > 0n) {
    const idempotencyKey = `credit-${number}`;
    await accounts.addCredits({ accountId, amountNano: creditNano, idempotencyKey, reason: "" });
  }
  const keyId = number.toString(16).padStart(64, "0");
  const key = {
    keyId,
    accountId,
    name: "key",
    label: "sk-fl-v1-abc...def",
    isManagement: false,
    isDisabled: false,
    expiresAtMs: 0n,
    limitNano: limit?.limitNano,
    limitReset: limit?.limitReset ?? ("" as const),
    requestsPerMinute: 0,
    createdAtMs: BigInt(nowMs),
  };
  await keys.insert(key, Buffer.from(keyId, "hex"));
  return { accountId, keyId };
}

const rates = { promptPico: 1_000n, completionPico: 1_000n };

/** An event that costs exactly so many nano-USD. */
export function createEvent(payer: Payer, costInNano: bigint, fields: EventFields): UsageEvent {
  const tokens = { promptTokens: costInNano, completionTokens: 0n };
  return create(UsageEventSchema, {
    accountId: payer.accountId,
    keyId: payer.keyId,
    endpointId: "0123456789abcdef",
    provider: "test",
    model: "test/model",
    price: { version: priceVersion(rates, []), rates },
    tokens,
    costNano: costNano({ rates }, tokens).costNano,
    outcome: Outcome.COMPLETED,
    createdMs: BigInt(Date.UTC(2026, 10, 21, 12)),
    ...fields,
  });
}

export interface EventFields {
  readonly generationId: string;
  readonly leaseId?: string;
  readonly leaseSeq?: bigint;
  readonly createdMs?: bigint;
}
