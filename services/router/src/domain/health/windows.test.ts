import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutcomeWindow } from "./outcome-window.ts";
import { PeakEwma } from "./peak-ewma.ts";
import { QuantileWindow } from "./quantile-window.ts";

describe("OutcomeWindow", () => {
  it("counts exactly what lies in the window, whatever the order of time", () => {
    const events = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 50 })));
    fc.assert(
      fc.property(events, (list) => {
        const window = new OutcomeWindow(1_000, 10);
        const sorted = list.toSorted((a, b) => a[1] - b[1]);
        const last = sorted.at(-1)?.[1] ?? 0;
        for (const [isSuccess, second] of sorted) {
          window.add(isSuccess, second * 1_000);
        }
        const inside = sorted.filter(([, second]) => second > last - 5);
        expect(window.sum(5_000, last * 1_000)).toEqual({
          successes: inside.filter(([isSuccess]) => isSuccess).length,
          attempts: inside.length,
        });
      }),
    );
  });

  it("ignores what is older than it holds", () => {
    const window = new OutcomeWindow(1_000, 3);
    window.add(true, 10_000);
    window.add(true, 1_000);
    expect(window.sum(3_000, 10_000).attempts).toBe(1);
  });
});

describe("QuantileWindow", () => {
  it("is within a bucket of the true quantile", () => {
    const window = new QuantileWindow(60_000, 5);
    for (let value = 1; value <= 1_000; value += 1) {
      window.add(value, 0);
    }
    const [p50 = 0, p99 = 0] = window.quantiles(60_000, [0.5, 0.99], 0) ?? [];
    expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.15);
    expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.15);
    expect(window.quantiles(60_000, [0.5], 120_000)).toBeUndefined();
  });
});

describe("PeakEwma", () => {
  it("jumps up and comes down slowly", () => {
    const average = new PeakEwma(10_000);
    average.add(100, 0);
    average.add(2_000, 1_000);
    expect(average.value).toBe(2_000);
    average.add(100, 2_000);
    expect(average.value).toBeGreaterThan(1_700);
    for (let nowMs = 3_000; nowMs < 60_000; nowMs += 1_000) {
      average.add(100, nowMs);
    }
    expect(average.value).toBeLessThan(120);
  });
});
