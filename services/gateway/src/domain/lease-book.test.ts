import { Denial } from "@fairlead/proto/ledger/v1/ledger";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeLedger } from "./fake-ledger.test-helper.ts";
import type { Hold } from "./lease.ts";
import { LeaseBook } from "./lease-book.ts";
import type { HoldRefusal } from "./wallet.ts";

const payer = { accountId: "account", keyId: "key" };

function createBook(credit: bigint) {
  const clock = { nowMs: 1_000_000 };
  const ledger = new FakeLedger(credit);
  ledger.now = () => clock.nowMs;
  const book = new LeaseBook({ source: ledger, now: () => clock.nowMs });
  return { clock, ledger, book };
}

function request(wantNano: bigint, needNano = wantNano) {
  return { generationId: "gen-1", wantNano, needNano };
}

function isHold(result: Hold | HoldRefusal): result is Hold {
  return "leaseSeq" in result;
}

async function holdOrThrow(book: LeaseBook, want: bigint, need = want): Promise<Hold> {
  const result = await book.hold(payer, request(want, need));
  if (!isHold(result)) {
    throw new Error(`refused: ${Denial[result.denial]}`);
  }
  return result;
}

describe("LeaseBook", () => {
  it("asks once and then admits without the ledger", async () => {
    const { book, ledger } = createBook(1_000_000n);
    await holdOrThrow(book, 100n);
    for (let count = 0; count < 5; count += 1) {
      expect(book.tryHold(payer, 100n)).toBeDefined();
    }
    expect(ledger.grants).toBe(1);
  });

  it("numbers the holds of a lease from 1 without gaps", async () => {
    const { book } = createBook(1_000_000n);
    const holds = [await holdOrThrow(book, 10n), await holdOrThrow(book, 10n)];
    expect(holds.map(({ leaseSeq }) => leaseSeq)).toEqual([1n, 2n]);
  });

  it("lets exactly as many of many parallel first requests pass as are paid for", async () => {
    const { book } = createBook(1_000n);
    const results = await Promise.all(
      Array.from({ length: 50 }, () => book.hold(payer, request(100n))),
    );
    expect(results.filter(isHold)).toHaveLength(10);
    expect(results.filter((result) => !isHold(result))).toHaveLength(40);
  });

  it("gives a request without a limit what is left, and never less than it needs", async () => {
    const { book } = createBook(70n);
    const hold = await holdOrThrow(book, 1_000n, 50n);
    expect(hold.amountNano).toBe(70n);
    const refused = await book.hold(payer, request(1_000n, 50n));
    expect(refused).toMatchObject({ denial: Denial.IN_FLIGHT });
  });

  it("reserves one by one where the ledger is strict", async () => {
    const { book, ledger } = createBook(500n);
    ledger.strictBelowNano = 1_000n;
    const first = await holdOrThrow(book, 200n);
    const second = await holdOrThrow(book, 200n);
    expect([first.leaseSeq, second.leaseSeq]).toEqual([1n, 1n]);
    expect(ledger.reservations).toBe(2);
    expect(isHold(await book.hold(payer, request(200n)))).toBe(false);
    book.settle(payer, first, 10n);
    ledger.postSingle(first.leaseId, 10n);
    expect(isHold(await book.hold(payer, request(200n)))).toBe(true);
  });

  it("admits on what is at hand while the ledger is away, then fails with its error", async () => {
    const { book, ledger } = createBook(1_000n);
    ledger.grantMaxNano = 250n;
    await holdOrThrow(book, 100n);
    ledger.isReachable = false;
    await holdOrThrow(book, 100n);
    await holdOrThrow(book, 100n, 20n);
    await expect(book.hold(payer, request(100n))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("admits nothing on a lease in its last moments", async () => {
    const { book, clock, ledger } = createBook(1_000_000n);
    await holdOrThrow(book, 10n);
    clock.nowMs += 58_500;
    expect(book.tryHold(payer, 10n)).toBeUndefined();
    await holdOrThrow(book, 10n);
    expect(ledger.grants).toBe(2);
  });

  it("returns a recalled lease as soon as its last hold is settled", async () => {
    const { book, ledger } = createBook(1_000n);
    const hold = await holdOrThrow(book, 100n);
    book.recall([], payer.accountId);
    expect(book.tryHold(payer, 10n)).toBeUndefined();
    expect(ledger.closed.size).toBe(0);
    book.settle(payer, hold, 60n);
    await Promise.resolve();
    await Promise.resolve();
    expect(ledger.closed.get(hold.leaseId)).toMatchObject({
      spentTotalNano: 60n,
      lastEventSeq: 1n,
    });
    expect(ledger.availableNano).toBe(940n);
  });

  it("offers a closing again until the ledger has taken it", async () => {
    const { book, clock, ledger } = createBook(1_000n);
    book.settle(payer, await holdOrThrow(book, 100n), 5n);
    ledger.isReachable = false;
    clock.nowMs += 10_000;
    book.sweep();
    await new Promise(setImmediate);
    expect(book.totals()).toMatchObject({ leases: 0, closing: 1 });
    ledger.isReachable = true;
    book.sweep();
    await new Promise(setImmediate);
    expect(book.totals().closing).toBe(0);
    expect(ledger.availableNano).toBe(995n);
  });

  it("admits a free request without a lease", () => {
    const { book } = createBook(0n);
    expect(book.tryHold(payer, 0n)).toMatchObject({ leaseId: "", amountNano: 0n });
  });
});

describe("LeaseBook under random work", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("hold" as const), want: fc.bigInt(1n, 400n) }),
    fc.record({ kind: fc.constant("part" as const), want: fc.bigInt(1n, 400n) }),
    fc.record({ kind: fc.constant("settle" as const), share: fc.bigInt(0n, 100n) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 70_000 }) }),
    fc.constant({ kind: "recall" as const }),
    fc.constant({ kind: "cut" as const }),
  );

  it("never holds more than was granted, and ends with every nano accounted for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const credit = 2_000n;
        const { book, clock, ledger } = createBook(credit);
        ledger.grantMaxNano = 700n;
        const open: Hold[] = [];
        let spent = 0n;
        const settle = (hold: Hold, share: bigint) => {
          const actual = (hold.amountNano * share) / 100n;
          spent += actual;
          book.settle(payer, hold, actual);
          if (ledger.open.has(hold.leaseId) && hold.leaseId === single.get(hold)) {
            ledger.postSingle(hold.leaseId, actual);
          }
        };
        const single = new Map<Hold, string>();
        for (const it of steps) {
          if (it.kind === "hold" || it.kind === "part") {
            const before = ledger.reservations;
            const need = it.kind === "part" ? 1n : it.want;
            const result = await book.hold(payer, request(it.want, need)).catch(() => undefined);
            if (result && isHold(result)) {
              expect(result.amountNano).toBeGreaterThanOrEqual(need);
              expect(result.amountNano).toBeLessThanOrEqual(it.want);
              open.push(result);
              if (ledger.reservations > before && result.leaseSeq === 1n) {
                single.set(result, result.leaseId);
              }
            }
          } else if (it.kind === "settle") {
            const hold = open.shift();
            if (hold) {
              settle(hold, it.share);
            }
          } else if (it.kind === "wait") {
            clock.nowMs += it.ms;
            book.sweep();
          } else if (it.kind === "recall") {
            book.recall([], payer.accountId);
          } else {
            ledger.isReachable = !ledger.isReachable;
          }
          const lent = [...ledger.open.values()].reduce((sum, amount) => sum + amount, 0n);
          const held = open.reduce((sum, hold) => sum + hold.amountNano, 0n);
          expect(held).toBeLessThanOrEqual(lent);
          expect(lent + ledger.availableNano + ledger.spentNano).toBe(credit);
        }
        for (const hold of open.splice(0)) {
          settle(hold, 50n);
        }
        expect(book.totals()).toMatchObject({ holds: 0, heldNano: 0n });
        ledger.isReachable = true;
        await new Promise(setImmediate);
        await book.closeAll();
        await new Promise(setImmediate);
        expect(book.totals()).toMatchObject({ leases: 0, closing: 0 });
        expect(ledger.spentNano).toBe(spent);
      }),
      { numRuns: 200 },
    );
  });
});
