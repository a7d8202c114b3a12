import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Schedule } from "./schedule.ts";

const even = { intervalMs: 60_000, paidIntervalMs: 900_000, endpointsMax: 100, random: () => 0.5 };

describe("Schedule", () => {
  it("probes an endpoint once an interval while it is up", () => {
    const schedule = new Schedule(even);
    expect(schedule.take(["a"], 8, 0)).toEqual(["a"]);
    expect(schedule.take(["a"], 8, 0)).toEqual([]);
    schedule.finish("a", { isUp: true, isFree: true }, 100);
    expect(schedule.take(["a"], 8, 60_099)).toEqual([]);
    expect(schedule.take(["a"], 8, 60_100)).toEqual(["a"]);
  });

  it("looks at one that is down sooner, then less and less often, never less than one that is up", () => {
    const schedule = new Schedule(even);
    const waits: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 6; round += 1) {
      while (schedule.take(["a"], 1, nowMs).length === 0) {
        nowMs += 1_000;
      }
      const askedAtMs = nowMs;
      schedule.finish("a", { isUp: false, isFree: true }, nowMs);
      while (schedule.take(["a"], 1, nowMs).length === 0) {
        nowMs += 1_000;
      }
      waits.push(nowMs - askedAtMs);
      schedule.finish("a", { isUp: false, isFree: true }, nowMs);
    }
    expect(waits[0]).toBe(5_000);
    expect(Math.max(...waits)).toBe(60_000);
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
  });

  it("probes seldom where a probe costs money, and free ones first", () => {
    const schedule = new Schedule(even);
    schedule.take(["paid"], 8, 0);
    schedule.finish("paid", { isUp: true, isFree: false }, 0);
    expect(schedule.take(["paid"], 8, 899_999)).toEqual([]);
    expect(schedule.take(["paid", "free"], 1, 900_000)).toEqual(["free"]);
    expect(schedule.take(["paid"], 1, 900_000)).toEqual(["paid"]);
  });

  it("takes what others found, but not what is older than what is known", () => {
    const schedule = new Schedule(even);
    schedule.take(["a"], 8, 0);
    schedule.finish("a", { isUp: true, isFree: true }, 50_000);
    schedule.note("a", { isUp: false, isFree: true }, 10_000);
    expect(schedule.take(["a"], 8, 109_999)).toEqual([]);
    schedule.note("a", { isUp: true, isFree: true }, 100_000);
    expect(schedule.take(["a"], 8, 159_999)).toEqual([]);
    expect(schedule.take(["a"], 8, 160_000)).toEqual(["a"]);
  });

  it("keeps to its limits whatever happens", () => {
    const actions = fc.array(
      fc.record({
        ids: fc.array(fc.integer({ min: 0, max: 200 }).map(String)),
        isUp: fc.boolean(),
      }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(actions, fc.integer({ min: 1, max: 8 }), (rounds, limit) => {
        const schedule = new Schedule({ ...even, random: () => 0 });
        let nowMs = 0;
        for (const { ids, isUp } of rounds) {
          const taken = schedule.take(ids, limit, nowMs);
          expect(taken.length).toBeLessThanOrEqual(limit);
          expect(new Set(taken).size).toBe(taken.length);
          for (const id of taken) {
            schedule.finish(id, { isUp, isFree: true }, nowMs);
          }
          expect(schedule.size).toBeLessThanOrEqual(even.endpointsMax);
          nowMs += 10_000;
        }
      }),
    );
  });
});
