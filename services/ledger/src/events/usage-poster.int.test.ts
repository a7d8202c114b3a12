import { costNano } from "@fairlead/pricing";
import { Outcome, type UsageEvent, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mapInGroups } from "../testing/map-in-groups.ts";
import {
  createEvent,
  type Payer,
  startTestLedger,
  type TestLedger,
} from "../testing/test-ledger.ts";

let ledger: TestLedger;
const source = "test";
let counter = 0;

beforeAll(async () => {
  ledger = await startTestLedger();
});

afterAll(async () => {
  await ledger.close();
});

async function takeLease(payer: Payer, grantedNano: bigint, isSingle = false): Promise<string> {
  counter += 1;
  const leaseId = `gateway:${counter}`;
  const decision = await ledger.stores.leases.take({
    ...payer,
    leaseId,
    gatewayId: "gateway",
    wantNano: grantedNano,
    needNano: grantedNano,
    expiresAtMs: ledger.clock.nowMs + 60_000,
    isSingle,
  });
  expect(decision.grantedNano).toBe(grantedNano);
  return leaseId;
}

async function readBalance(payer: Payer) {
  const { rows } = await ledger.pool.query(
    "SELECT available_nano AS available, leased_nano AS leased FROM account_balances WHERE account_id = $1",
    [payer.accountId],
  );
  return rows[0];
}

async function close(leaseId: string, spentTotalNano: bigint, lastEventSeq: bigint) {
  return await ledger.stores.leases.close({
    leaseId,
    gatewayId: "gateway",
    spentTotalNano,
    lastEventSeq,
  });
}

async function readOverspend(): Promise<bigint> {
  const { rows } = await ledger.pool.query(
    "SELECT balance_nano FROM platform_balances WHERE book = 'overspend'",
  );
  return rows[0]?.balance_nano ?? 0n;
}

async function readSuspense(): Promise<bigint> {
  const books = await ledger.stores.checkBooks();
  expect(books).toMatchObject({ imbalanceNano: 0n, wrongBalances: 0 });
  return books.suspenseNano;
}

describe("posting", () => {
  it("pays from the lease and gives its rest back when its last event has come", async () => {
    const payer = await ledger.addPayer(1_000n);
    const leaseId = await takeLease(payer, 600n);
    const first = createEvent(payer, 100n, { generationId: "gen-a1", leaseId, leaseSeq: 1n });
    const second = createEvent(payer, 50n, { generationId: "gen-a2", leaseId, leaseSeq: 2n });
    await ledger.poster.post([first], { source });
    expect(await readBalance(payer)).toEqual({ available: 400n, leased: 500n });
    expect(await close(leaseId, 150n, 2n)).toBe("closing");
    await ledger.poster.post([second], { source });
    expect(await readBalance(payer)).toEqual({ available: 850n, leased: 0n });
    expect(await close(leaseId, 150n, 2n)).toBe("closed");
  });

  it("leaves no gap in a lease where a request failed before it reached an endpoint", async () => {
    const payer = await ledger.addPayer(1_000n);
    const leaseId = await takeLease(payer, 600n);
    const paid = createEvent(payer, 100n, { generationId: "gen-f1", leaseId, leaseSeq: 1n });
    const failed = createEvent(payer, 0n, { generationId: "gen-f2", leaseId, leaseSeq: 2n });
    failed.outcome = Outcome.FAILED;
    delete failed.price;
    delete failed.tokens;
    expect(await ledger.poster.post([failed, paid], { source })).toMatchObject({ posted: 2 });
    expect(await close(leaseId, 100n, 2n)).toBe("closed");
    expect(await readBalance(payer)).toEqual({ available: 900n, leased: 0n });
    const read = await ledger.stores.readGeneration(payer.accountId, "gen-f2");
    expect(read?.event).toMatchObject({ costNano: 0n, outcome: Outcome.FAILED });
  });

  it("ends a reserve with its one event, or with its closing when none was needed", async () => {
    const payer = await ledger.addPayer(1_000n);
    const leaseId = await takeLease(payer, 600n, true);
    const event = createEvent(payer, 1n, { generationId: "gen-b1", leaseId, leaseSeq: 1n });
    await ledger.poster.post([event], { source });
    expect(await readBalance(payer)).toEqual({ available: 999n, leased: 0n });
    const unused = await takeLease(payer, 999n, true);
    expect(await close(unused, 0n, 0n)).toBe("closed");
    expect(await readBalance(payer)).toEqual({ available: 999n, leased: 0n });
  });

  it("takes what a lease does not cover from what is available, then from the platform", async () => {
    const payer = await ledger.addPayer(1_000n);
    const leaseId = await takeLease(payer, 600n);
    const large = createEvent(payer, 700n, { generationId: "gen-c1", leaseId, leaseSeq: 1n });
    await ledger.poster.post([large], { source });
    expect(await readBalance(payer)).toEqual({ available: 300n, leased: 0n });
    expect(await close(leaseId, 700n, 1n)).toBe("closed");
    const before = await readOverspend();
    const larger = createEvent(payer, 450n, { generationId: "gen-c2" });
    await ledger.poster.post([larger], { source });
    expect(await readBalance(payer)).toEqual({ available: 0n, leased: 0n });
    expect(await readOverspend()).toBe(before - 150n);
    await readSuspense();
  });

  it("puts unexplained leases into suspense and pays late bills from there", async () => {
    const payer = await ledger.addPayer(1_000n);
    const [crashed, slow] = [await takeLease(payer, 600n), await takeLease(payer, 200n)];
    const before = await readSuspense();
    const later = ledger.clock.nowMs + 60_001;
    expect(await ledger.stores.leases.expire(later, 10)).toEqual({ leases: 2n, amountNano: 800n });
    expect(await readSuspense()).toBe(before + 800n);
    expect(await readBalance(payer)).toEqual({ available: 200n, leased: 0n });

    const late = { generationId: "gen-d1", leaseId: crashed, leaseSeq: 1n };
    await ledger.poster.post([createEvent(payer, 100n, late)], { source });
    expect(await readSuspense()).toBe(before + 700n);
    expect(await readBalance(payer)).toEqual({ available: 200n, leased: 0n });

    // A gateway that was only slow explains its lease: the rest goes back at once.
    expect(await close(slow, 0n, 0n)).toBe("closed");
    expect(await readBalance(payer)).toEqual({ available: 400n, leased: 0n });

    expect(await ledger.stores.leases.releaseSuspense(later, 10)).toEqual({
      leases: 1n,
      amountNano: 500n,
    });
    expect(await readBalance(payer)).toEqual({ available: 900n, leased: 0n });
    expect(await readSuspense()).toBe(before);
  });

  it("charges a bill of a closed or foreign lease to the account alone", async () => {
    const [payer, other] = [await ledger.addPayer(1_000n), await ledger.addPayer(1_000n)];
    const leaseId = await takeLease(payer, 600n);
    await close(leaseId, 0n, 0n);
    const late = createEvent(payer, 100n, { generationId: "gen-e1", leaseId, leaseSeq: 1n });
    const foreign = createEvent(other, 70n, { generationId: "gen-e2", leaseId, leaseSeq: 2n });
    await ledger.poster.post([late, foreign], { source });
    expect(await readBalance(payer)).toEqual({ available: 900n, leased: 0n });
    expect(await readBalance(other)).toEqual({ available: 930n, leased: 0n });
  });
});

describe("exactly once", () => {
  it("posts each event once however often, in whatever order and by however many", async () => {
    const payer = await ledger.addPayer(1_000_000n);
    const events = Array.from({ length: 2_000 }, (_, index) =>
      createEvent(payer, BigInt(1 + (index % 7)), { generationId: `gen-once-${index}` }),
    );
    const total = events.reduce((sum, event) => sum + event.costNano, 0n);
    const batches = Array.from({ length: 60 }, (_, turn) =>
      events.filter((_, index) => (index * 31 + turn * 17) % 11 < 3).sort(() => (turn % 2) - 0.5),
    );
    const results = await mapInGroups([...batches, events], 8, (batch) =>
      ledger.poster.post(batch, { source }),
    );
    expect(results.reduce((sum, result) => sum + result.posted, 0)).toBe(2_000);
    expect((await readBalance(payer)).available).toBe(1_000_000n - total);
    const again = await ledger.poster.post(events, { source });
    expect(again).toEqual({ posted: 0, duplicates: 2_000 });
    await readSuspense();
  });

  it("counts a repeat within one batch as one", async () => {
    const payer = await ledger.addPayer(100n);
    const event = createEvent(payer, 10n, { generationId: "gen-twice" });
    const result = await ledger.poster.post([event, event, event], { source });
    expect(result).toEqual({ posted: 1, duplicates: 2 });
    expect((await readBalance(payer)).available).toBe(90n);
  });

  it("keeps what can never be posted, posts the rest, and keeps it once", async () => {
    const payer = await ledger.addPayer(100n);
    const stranger = { accountId: "acc_stranger", keyId: payer.keyId };
    const batch = [
      createEvent(payer, 10n, { generationId: "gen-good" }),
      createEvent(stranger, 10n, { generationId: "gen-stranger" }),
      create(UsageEventSchema, { generationId: "gen-empty" }),
    ];
    expect(await ledger.poster.post(batch, { source })).toEqual({ posted: 1, duplicates: 0 });
    expect(await ledger.poster.post(batch, { source })).toEqual({ posted: 0, duplicates: 1 });
    const poison = [await readPoison("gen-empty"), await readPoison("gen-stranger")];
    expect(poison).toEqual([
      [{ generation_id: "gen-empty", reason: expect.stringMatching(/\S/) }],
      [{ generation_id: "gen-stranger", reason: expect.stringContaining("account_id") }],
    ]);
  });
});

describe("what only Postgres refuses", () => {
  it("is put aside with its reason, and all that came with it is posted", async () => {
    const payer = await ledger.addPayer(1_000n);
    const batch = Array.from({ length: 9 }, (_, index) =>
      createEvent(payer, 1n, { generationId: `gen-refused-${index}` }),
    );
    // Beyond the smallint of its column.
    setSource(batch[2], 70_000);
    setSource(batch[7], 70_000);
    expect(await ledger.poster.post(batch, { source })).toEqual({ posted: 7, duplicates: 0 });
    expect(await ledger.poster.post(batch, { source })).toEqual({ posted: 0, duplicates: 7 });
    expect((await readBalance(payer)).available).toBe(993n);
    expect(await readPoison("gen-refused-%")).toEqual([
      { generation_id: "gen-refused-2", reason: expect.stringContaining("22003") },
      { generation_id: "gen-refused-7", reason: expect.stringContaining("22003") },
    ]);
  });

  it("is not what fails because of the database itself", async () => {
    const payer = await ledger.addPayer(10n);
    const event = createEvent(payer, 1n, { generationId: "gen-later" });
    // Class 42: not the event's fault, whatever it says.
    const raise = "DO $$ BEGIN RAISE EXCEPTION 'no post_usage' USING ERRCODE = '42883'; END $$";
    const post = vi.spyOn(ledger.stores.usage, "post");
    post.mockImplementationOnce(async () => (await ledger.pool.query(raise)) as never);
    await expect(ledger.poster.post([event], { source })).rejects.toThrow("no post_usage");
    post.mockRestore();
    expect(await readPoison("gen-later")).toEqual([]);
    expect(await ledger.poster.post([event], { source })).toEqual({ posted: 1, duplicates: 0 });
  });
});

function setSource(event: UsageEvent | undefined, value: number): void {
  if (event?.tokens !== undefined) {
    event.tokens.source = value;
  }
}

async function readPoison(generationIds: string): Promise<unknown[]> {
  const text = `SELECT generation_id, reason FROM poison_events
    WHERE generation_id LIKE $1 ORDER BY generation_id`;
  return (await ledger.pool.query(text, [generationIds])).rows;
}

describe("a generation", () => {
  it("is read back as it was sent, by its own account only", async () => {
    const payer = await ledger.addPayer(1_000n);
    const sent = createEvent(payer, 30n, { generationId: "gen-read" });
    sent.finishReason = "stop";
    sent.endUser = 'a "quoted" \\ user';
    sent.firstTokenMs = 12;
    sent.streamed = true;
    sent.attempts = [createAttempt()];
    if (sent.tokens !== undefined) {
      sent.tokens.cacheWriteTokens = 9n;
      sent.tokens.cacheWrite1hTokens = 7n;
      sent.costNano = costNano(sent.price ?? {}, sent.tokens).costNano;
    }
    await ledger.poster.post([sent], { source });
    const read = await ledger.stores.readGeneration(payer.accountId, "gen-read");
    expect(read?.event).toEqual(sent);
    expect(await ledger.stores.readGeneration("acc_other", "gen-read")).toBeUndefined();
  });
});

function createAttempt() {
  const attempt = { endpointId: "e", provider: "p", status: 503, code: "overloaded", latencyMs: 5 };
  const [created] = create(UsageEventSchema, { attempts: [attempt] }).attempts;
  if (created === undefined) {
    throw new Error("the attempt was not created");
  }
  return created;
}
