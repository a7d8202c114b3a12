import { describe, expect, it } from "vitest";
import { median, spread } from "../measure/median.ts";
import { reportFigure } from "./report.ts";
import { writeTable } from "./write-table.ts";

const budget = { limit: 450, goal: 300, wants: "less" } as const;

describe("reportFigure", () => {
  it.each([
    [[280, 300, 900], "goal"],
    [[400, 450, 500], "kept"],
    [[451, 460, 470], "missed"],
  ] as const)("judges the median of %j as %s", (values, verdict) => {
    expect(reportFigure({ name: "CPU", unit: "µs", values, budget })).toMatchObject({ verdict });
  });

  it("wants more of a throughput", () => {
    const wanted = { limit: 3500, goal: 4000, wants: "more" } as const;
    const figure = { name: "rate", unit: "requests/s", values: [3600], budget: wanted } as const;
    expect(reportFigure(figure).verdict).toBe("kept");
  });
});

it("takes the median and the farthest round", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  expect(spread([8, 10, 11])).toBe(0.2);
});

it("writes a table with budgets, parts and what was skipped", () => {
  const figure = reportFigure({
    name: "CPU per request",
    unit: "µs",
    values: [400],
    direct: [1.5],
    bare: [180],
    budget,
    detail: { router: 50, gateway: 350 },
  });
  const text = writeTable({
    startedAt: "",
    machine: {},
    options: {},
    figures: [figure],
    skipped: [{ row: "plan", reason: "no such thing" }],
  });
  expect(text).toMatch(/CPU per request +400 µs +0 % +1\.50 +180 +≤ 450 +≤ 300 +kept/);
  expect(text).toContain("gateway 350, router 50.0");
  expect(text).toContain("plan skipped: no such thing");
});
