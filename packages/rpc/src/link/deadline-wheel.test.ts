import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeadlineWheel, Expiring } from "./deadline-wheel.ts";

class Entry extends Expiring {
  readonly dueMs: number;
  readonly #now: () => number;
  expiredMs: number | undefined;

  constructor(dueMs: number, now: () => number) {
    super();
    this.dueMs = dueMs;
    this.#now = now;
  }

  expire(): void {
    expect(this.expiredMs).toBeUndefined();
    this.expiredMs = this.#now();
  }
}

function createWheel() {
  let nowMs = 5;
  let dueMs = Number.POSITIVE_INFINITY;
  let turn: (() => void) | undefined;
  let turns = 0;
  const wheel = new DeadlineWheel({
    now: () => nowMs,
    after(delayMs, run) {
      dueMs = nowMs + delayMs;
      turn = run;
      return () => {
        turn = undefined;
      };
    },
  });
  const advance = (ms: number): void => {
    nowMs += ms;
    const run = turn;
    if (run !== undefined && nowMs >= dueMs) {
      turn = undefined;
      turns += 1;
      run();
    }
  };
  return { wheel, advance, now: () => nowMs, countTurns: () => turns };
}

const step = fc.record({
  addMs: fc.option(fc.oneof(fc.nat(100), fc.nat(40_000)), { nil: undefined }),
  removeIndex: fc.option(fc.nat(20), { nil: undefined }),
  advanceMs: fc.oneof(fc.nat(60), fc.nat(15_000)),
});

describe("the wheel", () => {
  it("expires each once, never early, and at the first turn after a tick past its time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const { wheel, advance, now } = createWheel();
        const entries: Entry[] = [];
        const removed = new Set<Entry>();
        for (const { addMs, removeIndex, advanceMs } of steps) {
          if (addMs !== undefined) {
            const entry = new Entry(now() + addMs, now);
            entries.push(entry);
            wheel.add(entry, addMs);
          }
          const victim = removeIndex === undefined ? undefined : entries[removeIndex];
          if (victim !== undefined) {
            wheel.remove(victim);
            removed.add(victim);
          }
          advance(advanceMs);
          for (const entry of entries) {
            if (entry.expiredMs !== undefined) {
              expect(entry.expiredMs).toBeGreaterThanOrEqual(entry.dueMs);
            } else if (!removed.has(entry)) {
              expect(now()).toBeLessThan(entry.dueMs + 20);
            }
          }
          const open = entries.filter((it) => it.expiredMs === undefined && !removed.has(it));
          expect(wheel.size).toBe(open.length);
        }
        advance(60_000);
        expect(wheel.size).toBe(0);
        advance(60_000);
        expect(wheel.isRunning).toBe(false);
      }),
    );
  });

  it("does not turn while nothing is due", () => {
    const { wheel, advance, now, countTurns } = createWheel();
    const long = new Entry(now() + 60_000, now);
    wheel.add(long, 60_000);
    for (let index = 0; index < 1_000; index += 1) {
      const short = new Entry(now() + 1_000, now);
      wheel.add(short, 1_000);
      advance(10);
      wheel.remove(short);
    }
    expect(countTurns()).toBeLessThan(12);
    advance(50_020);
    expect(long.expiredMs).toBeDefined();
  });

  it("lets one that expires remove its neighbours and add others", () => {
    const { wheel, advance, now } = createWheel();
    const neighbour = new Entry(40, now);
    const successor = new Entry(80, now);
    class Remover extends Expiring {
      expire(): void {
        wheel.remove(neighbour);
        wheel.add(successor, 40);
      }
    }
    wheel.add(neighbour, 30);
    wheel.add(new Remover(), 30);
    advance(40);
    expect(neighbour.expiredMs).toBeUndefined();
    expect(wheel.size).toBe(1);
    advance(80);
    expect(successor.expiredMs).toBeDefined();
  });
});
