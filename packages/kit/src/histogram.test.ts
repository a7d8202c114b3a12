import { describe, expect, it } from "vitest";
import { Histogram } from "./histogram.ts";

const options = { description: "", unit: "s", bounds: [1, 2, 5], labels: ["model"] };

function collect(histogram: Histogram) {
  return histogram.collect([0, 0]).dataPoints.map(({ attributes, value }) => ({
    attributes,
    value: value as { count: number; sum: number; buckets: { counts: number[] } },
  }));
}

describe("Histogram", () => {
  it("counts a value at a bound below it, and what is above all bounds in the last bucket", () => {
    const histogram = new Histogram("h", options);
    for (const value of [0.5, 1, 1.5, 2, 5, 5.1, 100]) {
      histogram.record(value, "a");
    }
    expect(collect(histogram)).toMatchObject([
      { attributes: { model: "a" }, value: { count: 7, buckets: { counts: [2, 2, 1, 2] } } },
    ]);
    expect(collect(histogram)[0]?.value.sum).toBeCloseTo(115.1);
  });

  it("keeps label sets apart, and counts together what is beyond their limit", () => {
    const histogram = new Histogram("h", options);
    for (let index = 0; index < 2_010; index += 1) {
      histogram.record(1, `model-${index}`);
    }
    const points = collect(histogram);
    expect(points).toHaveLength(2_001);
    expect(points.at(-1)).toMatchObject({ attributes: { model: "other" }, value: { count: 10 } });
  });
});
