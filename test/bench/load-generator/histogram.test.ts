import { describe, expect, it } from "vitest";
import { Histogram } from "./histogram.ts";

describe("Histogram", () => {
  it("gives percentiles to within one in 128", () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100_000; value += 1) {
      histogram.record(value);
    }
    for (const share of [0.001, 0.5, 0.9, 0.99, 0.999]) {
      const exact = share * 100_000;
      expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact / 128 + 1);
    }
    expect(histogram.percentile(1)).toBe(100_000);
  });

  it("is exact below 256, and empty at first", () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBe(0);
    for (const value of [255, 3, 200]) {
      histogram.record(value);
    }
    expect([0.1, 0.5, 0.9].map((share) => histogram.percentile(share))).toEqual([3, 200, 255]);
  });

  it("survives the way between processes", () => {
    const histogram = new Histogram();
    for (const value of [1, 1000, 1_000_000, 60_000_000]) {
      histogram.record(value);
    }
    const copy = Histogram.from(JSON.parse(JSON.stringify(histogram.toData())));
    expect(copy.toData()).toEqual(histogram.toData());
    expect(copy.total).toBe(4);
  });
});
