import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallTable, type TableCall } from "./call-table.ts";

setFlagsFromString("--expose-gc");
// As every service is set up: or V8 learns from the one case what it does to the other.
setFlagsFromString("--no-allocation-site-pretenuring");
const collect: (options?: { type: "minor" }) => void = runInNewContext("gc");

class Call implements TableCall<Call> {
  readonly id: number;
  readonly payload: readonly number[];
  nextInBucket: Call | undefined;

  constructor(id: number, payload: readonly number[] = []) {
    this.id = id;
    this.payload = payload;
  }
}

function readOldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name === "old_space" || name === "large_object_space")
    .reduce((sum, space) => sum + space.space_used_size, 0);
}

/** Bytes that old objects grew by while calls came and went. */
function measurePromotion(table: Pick<CallTable<Call>, "add" | "remove">): number {
  // The table itself is old, as in a process that has run for a while.
  collect();
  collect();
  const before = readOldBytes();
  for (let round = 0; round < 200; round += 1) {
    comeAndGo(table, round * 200);
    collect({ type: "minor" });
  }
  return readOldBytes() - before;
}

function comeAndGo(table: Pick<CallTable<Call>, "add" | "remove">, firstId: number): void {
  const calls = Array.from({ length: 200 }, (_, index) => {
    return new Call(firstId + index, new Array(32).fill(index));
  });
  for (const call of calls) {
    table.add(call);
  }
  for (const call of calls) {
    table.remove(call);
  }
}

describe("CallTable", () => {
  it("finds exactly the calls that are in it", () => {
    const ids = fc.uniqueArray(fc.oneof(fc.nat(300), fc.nat(0xffff_ffff)), { maxLength: 200 });
    fc.assert(
      fc.property(ids, fc.array(fc.nat(199)), (added, removed) => {
        const table = new CallTable<Call>();
        const calls = added.map((id) => new Call(id));
        const present = new Set(calls);
        for (const call of calls) {
          table.add(call);
        }
        for (const index of removed) {
          const call = calls[index];
          if (call !== undefined) {
            table.remove(call);
            present.delete(call);
          }
        }
        expect(table.size).toBe(present.size);
        expect(new Set(table.list())).toEqual(present);
        for (const call of calls) {
          expect(table.get(call.id)).toBe(present.has(call) ? call : undefined);
        }
      }),
    );
  });

  it("does not take another call of the same id for the one that is in it", () => {
    const table = new CallTable<Call>();
    const call = new Call(7);
    table.add(call);
    table.remove(new Call(7));
    expect(table.get(7)).toBe(call);
    expect(table.size).toBe(1);
  });

  it("keeps nothing of a call that has left from the collector of young objects", () => {
    const map = new Map<number, Call>();
    const plain = {
      add: (call: Call) => void map.set(call.id, call),
      remove: (call: Call) => void map.delete(call.id),
    };
    // A Map keeps most of these 14 MB until a full collection: else this test shows nothing.
    expect(measurePromotion(plain)).toBeGreaterThan(5_000_000);
    expect(measurePromotion(new CallTable())).toBeLessThan(2_000_000);
  });
});
