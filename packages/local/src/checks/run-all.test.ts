import { describe, expect, it } from "vitest";
import { describeResult, describeTotal } from "./run-all.ts";
import { selectSteps } from "./select-steps.ts";
import type { StepResult } from "./run-step.ts";

const check: StepResult = {
  step: { name: "lint", label: "lint", command: ["x"] },
  passed: 1,
  failed: 0,
  flaky: [],
  output: "noise",
  durationMs: 1_234,
};
const suite: StepResult = {
  step: { name: "unit", label: "unit tests", command: ["x"], isSuite: true },
  passed: 40,
  failed: 2,
  flaky: [],
  output: "what went wrong\n",
  durationMs: 10,
};

describe("describeTotal", () => {
  it("counts a check as one and a suite as its tests", () => {
    expect(describeTotal([check, suite])).toBe("41 passed, 2 failed");
  });
});

describe("describeResult", () => {
  it("shows what a step printed only when it failed", () => {
    expect(describeResult(check)).toBe("✓ lint: lint (1.2 s)");
    expect(describeResult(suite)).toContain("2 failed)\n\nwhat went wrong\n");
  });

  it("shows the notices of a suite that passed", () => {
    const output =
      "noise\n[notice] 12 s  a step\nnoise\n\u001b[22m\u001b[39m[notice] skipped: no cluster\n";
    expect(describeResult({ ...suite, failed: 0, output })).toBe(
      "✓ unit: unit tests (0.0 s, 40 passed, 0 failed)\n    12 s  a step\n    skipped: no cluster",
    );
  });
});

describe("describeResult of a suite that passed at the second try", () => {
  it("names what is flaky and shows why it failed at first", () => {
    const text = describeResult({ ...suite, failed: 0, flaky: ["a roll breaks nothing"] });
    expect(text).toContain("flaky: a roll breaks nothing failed, and passed");
    expect(text).toContain("what went wrong");
  });
});

describe("selectSteps", () => {
  it("takes all, or those named", () => {
    const all = selectSteps([]).map((step) => step.name);
    expect(all).toContain("e2e");
    expect(all).not.toContain("cluster");
    expect(selectSteps(["--only", "cluster"])).toHaveLength(1);
    expect(selectSteps(["--only", "unit,lint"]).map((step) => step.name)).toEqual(["lint", "unit"]);
  });

  it("takes steps on demand beside all others", () => {
    const all = selectSteps(["--and", "cluster"]).map((step) => step.name);
    expect(all).toEqual([...selectSteps([]).map((step) => step.name), "cluster"]);
  });

  it.each([
    [["--only", "unti"]],
    [["--and", "unti"]],
    [["--only", "unit", "--and", "cluster"]],
    [["--fast"]],
    [["unit"]],
  ])("refuses %j and says what there is", (args) => {
    expect(() => selectSteps(args)).toThrow(/--only <names> or --and <names>, of format, lint/);
  });
});
