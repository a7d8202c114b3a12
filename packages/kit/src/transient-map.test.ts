import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TransientMap } from "./transient-map.ts";
import { tuneCollector } from "./tune-collector.ts";

setFlagsFromString("--expose-gc");
tuneCollector();
const collect: (options?: { type: "minor" }) => void = runInNewContext("gc");

interface Table {
  set(key: string, value: object): unknown;
  delete(key: string): boolean;
}

/** Bytes that old objects grew by while entries came and went. */
function measurePromotion(table: Table): number {
  table.set("first", {});
  table.delete("first");
  // The table itself is old, as in a process that has run for a while.
  collect();
  collect();
  const before = readOldBytes();
  for (let round = 0; round < 200; round += 1) {
    for (let index = 0; index < 32; index += 1) {
      table.set(`${round}-${index}`, { payload: new Array(256).fill(round) });
    }
    for (let index = 0; index < 32; index += 1) {
      table.delete(`${round}-${index}`);
    }
    collect({ type: "minor" });
  }
  return readOldBytes() - before;
}

function readOldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name === "old_space" || name === "large_object_space")
    .reduce((sum, space) => sum + space.space_used_size, 0);
}

type Step = readonly ["set" | "delete", string, number];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("set", "delete"),
  fc.constantFrom("a", "b", "c", "d"),
  fc.nat(9),
);

describe("TransientMap", () => {
  it("does what a Map does", () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = new TransientMap<string, { readonly id: number }>();
        const model = new Map<string, { readonly id: number }>();
        for (const [kind, key, id] of steps) {
          if (kind === "set") {
            map.set(key, { id });
            model.set(key, { id });
          } else {
            expect(map.delete(key)).toBe(model.delete(key));
          }
          expect(map.size).toBe(model.size);
          expect(map.has(key)).toBe(model.has(key));
          expect(map.get(key)).toEqual(model.get(key));
        }
        expect([...map.keys()]).toEqual([...model.keys()]);
        expect([...map.values()]).toEqual([...model.values()]);
      }),
    );
  });

  it("goes on with the next when an entry is deleted on the way", () => {
    const map = new TransientMap<string, { readonly id: number }>();
    map.set("a", { id: 1 });
    map.set("b", { id: 2 });
    map.set("c", { id: 3 });
    const seen: number[] = [];
    for (const { id } of map.values()) {
      seen.push(id);
      map.delete("a");
      map.delete("b");
    }
    expect(seen).toEqual([1, 3]);
  });

  it("keeps no value that has left from the collector of young objects", () => {
    // A Map keeps most of these 13 MB until a full collection: else this test shows nothing.
    expect(measurePromotion(new Map())).toBeGreaterThan(5_000_000);
    expect(measurePromotion(new TransientMap())).toBeLessThan(2_000_000);
  });
});
