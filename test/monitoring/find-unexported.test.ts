import { describe, expect, it } from "vitest";
import { findUnexported } from "./find-unexported.ts";
import { readQuery } from "./promql.ts";
import { readExposition } from "./read-exposition.ts";

const exported = new Map<string, Set<string>>();
readExposition(
  `# TYPE a_seconds histogram
a_seconds_bucket{model="x{y=\\"z\\"}",le="1"} 1
a_seconds_count{model="x"} 1
up_to_date 1 
`.replace(" \n", "\n"),
  exported,
);

function find(query: string): string[] {
  return findUnexported([{ place: "here", query }], exported);
}

describe("findUnexported", () => {
  it.each([
    'histogram_quantile(0.9, sum by (le, model) (rate(a_seconds_bucket{job="j"}[5m])))',
    "up_to_date == 0 unless on (instance) a_seconds_count",
    "topk(3, a_seconds_count offset 1h)",
  ])("is content with %s", (query) => {
    expect(find(query)).toEqual([]);
  });

  it.each([
    ["sum(rate(b_seconds_count[5m]))", "here: nobody exports b_seconds_count"],
    ["absent(up_to_data)", "here: nobody exports up_to_data"],
    ['a_seconds_count{provider="p"}', "here: a_seconds_count has no label provider"],
    ['a_seconds_count{y="z"}', "here: a_seconds_count has no label y"],
    ["sum by (pool) (up_to_date)", "here: no metric of the query has the label pool"],
  ])("names what %s lacks", (query, fault) => {
    expect(find(query)).toEqual([fault]);
  });

  it("refuses what is no query, and a selector that names no metric", () => {
    expect(() => readQuery("sum(rate(a[5m])")).toThrow(/no PromQL/);
    expect(() => readQuery('{__name__="a"}')).toThrow(/without a metric/);
  });
});
