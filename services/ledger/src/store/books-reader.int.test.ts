import { createPool, type Pool } from "@fairlead/db";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logger, startTestLedger, type TestLedger } from "../testing/test-ledger.ts";

let ledger: TestLedger;
/** With the rights of the owner: what a person with a psql could do. */
let owner: Pool;

beforeAll(async () => {
  ledger = await startTestLedger();
  const limits = { max: 1, applicationName: "test", statementTimeoutMs: 5_000 };
  owner = createPool({ url: ledger.url, logger, ...limits });
});

afterAll(async () => {
  await owner.end();
  await ledger.close();
});

it("tells credit, leases and what waits, and finds sound books in balance", async () => {
  const { books, leases } = ledger.stores;
  const payer = await ledger.addPayer(1_000n);
  await leases.take({
    ...payer,
    leaseId: "lease",
    gatewayId: "gateway",
    wantNano: 400n,
    needNano: 400n,
    expiresAtMs: ledger.clock.nowMs + 60_000,
    isSingle: false,
  });
  const balances = await books.readAllBalances();
  expect(Object.fromEntries(balances)).toMatchObject({
    available: 600n,
    leased: 400n,
    payments: -1_000n,
    suspense: 0n,
  });
  expect([...balances.values()].reduce((sum, nano) => sum + nano, 0n)).toBe(0n);
  expect((await books.readPlatform()).get("payments")).toBe(-1_000n);
  expect(await books.readLeases()).toEqual(
    expect.arrayContaining([
      { state: "open", leases: 1, amountNano: 400n },
      { state: "expired", leases: 0, amountNano: 0n },
    ]),
  );
  expect(await books.readWaiting()).toMatchObject({ poison: 0 });
  expect(await books.readEntriesImbalance()).toBe(0n);
});

it("finds entries that do not sum to zero, though two such movements cancel out", async () => {
  const { accountId } = await ledger.addPayer(10n);
  await owner.query("ALTER TABLE entries DISABLE TRIGGER entries_balance");
  for (const nano of [7, -7]) {
    await owner.query(
      `WITH moved AS (INSERT INTO movements (kind) VALUES ('credit') RETURNING movement_id)
       INSERT INTO entries SELECT movement_id, $1, 'available', $2 FROM moved`,
      [accountId, nano],
    );
  }
  expect(await ledger.stores.books.readEntriesImbalance()).toBe(14n);
});
