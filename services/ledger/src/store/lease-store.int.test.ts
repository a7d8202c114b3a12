import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createEvent,
  type Payer,
  startTestLedger,
  type TestLedger,
} from "../testing/test-ledger.ts";
import type { LeaseAsk } from "./lease-store.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await startTestLedger();
});

afterAll(async () => {
  await ledger.close();
});

let asks = 0;

function ask(payer: Payer, wantNano: bigint, fields: Partial<LeaseAsk> = {}): LeaseAsk {
  asks += 1;
  return {
    ...payer,
    leaseId: `lease-${asks}`,
    gatewayId: "gateway",
    wantNano,
    needNano: wantNano,
    expiresAtMs: ledger.clock.nowMs + 60_000,
    isSingle: false,
    ...fields,
  };
}

async function expectSoundBooks(): Promise<void> {
  expect(await ledger.stores.checkBooks()).toMatchObject({
    imbalanceNano: 0n,
    wrongBalances: 0,
  });
}

describe("taking leases", () => {
  it("lets exactly as many of 1,000 at once pass as the credit pays for", async () => {
    const payer = await ledger.addPayer(5_000_000_000n);
    const decisions = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        ledger.stores.leases.take(ask(payer, 100_000_000n, { isSingle: true })),
      ),
    );
    expect(decisions.filter((it) => it.grantedNano === 100_000_000n)).toHaveLength(50);
    expect(decisions.filter((it) => it.denial === "in_flight")).toHaveLength(950);
    await expectSoundBooks();
  });

  it("holds the cap over several replicas at once", async () => {
    const payer = await ledger.addPayer(5_000n);
    const { createStores } = await import("./create-stores.ts");
    const replicas = Array.from({ length: 8 }, () => createStores(ledger.pool, Date.now));
    const decisions = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        replicas[index % 8]?.leases.take(ask(payer, 100n, { isSingle: index % 2 === 0 })),
      ),
    );
    expect(decisions.filter((it) => it?.grantedNano === 100n)).toHaveLength(50);
    await expectSoundBooks();
  });

  it("answers a repeat with the same lease", async () => {
    const payer = await ledger.addPayer(1_000n);
    const same = ask(payer, 600n);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ledger.stores.leases.take(same)),
    );
    expect(new Set(answers.map((it) => it.grantedNano))).toEqual(new Set([600n]));
    const situation = await ledger.stores.leases.readSituation(payer.accountId, payer.keyId, "x");
    expect(situation?.availableNano).toBe(400n);
  });

  it("gives no other account a lease by guessing its id", async () => {
    const [payer, other] = [await ledger.addPayer(1_000n), await ledger.addPayer(1_000n)];
    const taken = ask(payer, 100n);
    await ledger.stores.leases.take(taken);
    const guess = await ledger.stores.leases.take({ ...taken, ...other });
    expect(guess).toMatchObject({ grantedNano: 0n, denial: "mismatch" });
  });

  it("grants between need and want, and says what is missing", async () => {
    const payer = await ledger.addPayer(1_000n);
    const { leases } = ledger.stores;
    expect(await leases.take(ask(payer, 5_000n, { needNano: 10n }))).toMatchObject({
      grantedNano: 1_000n,
      availableNano: 0n,
    });
    expect(await leases.take(ask(payer, 10n))).toMatchObject({ denial: "in_flight" });
    expect(await leases.take(ask(payer, 1_001n))).toMatchObject({ denial: "credit" });
    expect(await leases.take(ask(payer, 10n, { needNano: 0n }))).toMatchObject({ denial: "" });
  });

  it("refuses unknown accounts, others' keys and disabled keys", async () => {
    const [payer, other] = [await ledger.addPayer(1_000n), await ledger.addPayer(1_000n)];
    const { leases } = ledger.stores;
    const stranger = { accountId: "acc_none", keyId: payer.keyId };
    expect((await leases.take(ask(stranger, 1n))).denial).toBe("unknown_account");
    const mixed = { accountId: payer.accountId, keyId: other.keyId };
    expect((await leases.take(ask(mixed, 1n))).denial).toBe("unknown_key");
    await ledger.pool.query("UPDATE api_keys SET is_disabled = true WHERE key_id = $1", [
      payer.keyId,
    ]);
    expect((await leases.take(ask(payer, 1n))).denial).toBe("key_disabled");
  });
});

describe("a key's limit", () => {
  it("binds across leases, and is exact under 200 at once", async () => {
    const payer = await ledger.addPayer(1_000_000n, { limitNano: 1_000n, limitReset: "" });
    const decisions = await Promise.all(
      Array.from({ length: 200 }, () => ledger.stores.leases.take(ask(payer, 100n))),
    );
    expect(decisions.filter((it) => it.grantedNano === 100n)).toHaveLength(10);
    const asked = ask(payer, 1_001n);
    expect((await ledger.stores.leases.take(asked)).denial).toBe("key_limit");
  });

  it("begins anew at midnight UTC, with leases that end there", async () => {
    const payer = await ledger.addPayer(1_000_000n, { limitNano: 1_000n, limitReset: "daily" });
    const { leases } = ledger.stores;
    const noon = ledger.clock.nowMs;
    const midnight = BigInt(Date.UTC(2026, 10, 22));
    const far = { expiresAtMs: Number(midnight) + 3_600_000 };
    const first = ask(payer, 1_000n, far);
    expect(await leases.take(first)).toMatchObject({ grantedNano: 1_000n, expiresAtMs: midnight });
    expect((await leases.take(ask(payer, 1n))).denial).toBe("in_flight");
    try {
      ledger.clock.nowMs = Number(midnight) + 1;
      expect((await leases.take(ask(payer, 900n, far))).grantedNano).toBe(900n);
      // A bill of yesterday's lease is yesterday's: it leaves today's budget alone.
      const fields = { generationId: "gen-window-1", leaseId: first.leaseId, leaseSeq: 1n };
      await ledger.poster.post([createEvent(payer, 1_000n, fields)], { source: "test" });
      expect((await leases.take(ask(payer, 100n, far))).grantedNano).toBe(100n);
      expect((await leases.take(ask(payer, 1n, far))).grantedNano).toBe(0n);
    } finally {
      ledger.clock.nowMs = noon;
    }
    await expectSoundBooks();
  });

  it("agrees with the calendar on where windows begin", async () => {
    const { usageWindows } = await import("../domain/usage-windows.ts");
    for (let days = 0; days < 1_500; days += 13) {
      const nowMs = Date.UTC(2024, 1, 28, 5) + days * 86_400_000;
      const windows = usageWindows(nowMs);
      const result = await ledger.pool.query(
        `SELECT array_agg(w.start_ms / 86400000 ORDER BY position) AS days
         FROM unnest(ARRAY['daily', 'weekly', 'monthly']) WITH ORDINALITY AS r (reset, position),
         budget_window(r.reset, $1) w`,
        [nowMs],
      );
      expect(result.rows[0].days.map(Number)).toEqual([windows.day, windows.week, windows.month]);
    }
  });
});
