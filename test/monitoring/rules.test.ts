import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPromtool, mayDoWithout, runPromtool } from "./promtool.ts";
import { alertsFolder, listFiles, readRules } from "./read-definitions.ts";

const testsFolder = `${alertsFolder}tests/`;
const ruleFiles = listFiles(alertsFolder, ".yaml").map((name) => alertsFolder + name);
const testFiles = listFiles(testsFolder, ".yaml");

/** Undefined, with a word why, where a person may go on without it; CI may not. */
function getPromtool(): string | undefined {
  try {
    return findPromtool();
  } catch (error) {
    if (mayDoWithout()) {
      process.stderr.write(`\n[notice] rules are NOT tested: ${String(error)}\n`);
      return undefined;
    }
    throw error;
  }
}

const promtool = getPromtool();

describe.skipIf(promtool === undefined)("promtool", () => {
  const run = (args: readonly string[], folder = testsFolder) =>
    runPromtool(promtool ?? "", args, folder);

  it("finds no fault in the rules", () => {
    const { isGood, output } = run(["check", "rules", "--lint-fatal", ...ruleFiles]);
    expect(isGood, output).toBe(true);
  });

  it.each(testFiles)("sees alerts fire and not fire as %s says", { timeout: 180_000 }, (file) => {
    const { isGood, output } = run(["test", "rules", file]);
    expect(isGood, output).toBe(true);
  });

  it("fails a test whose alert does not fire", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-rules-"));
    try {
      const text = readFileSync(`${testsFolder}money.yaml`, "utf8");
      const broken = text.replace("../alerts.yaml", `${alertsFolder}alerts.yaml`);
      writeFileSync(join(folder, "broken.yaml"), broken.replaceAll(/value: 1/g, "value: 2"));
      expect(run(["test", "rules", "broken.yaml"], folder).isGood).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the cases", () => {
  const text = testFiles.map((file) => readFileSync(testsFolder + file, "utf8")).join("\n");
  const names = [...new Set(readRules().flatMap(({ alert }) => alert ?? []))];

  it.each(names)("show %s firing, and silent", (name) => {
    const results = text
      .split("- expr:")
      .filter((part) => part.includes(`alertname="${name}"`))
      .map((part) => part.includes("exp_samples: []"));
    expect(new Set(results)).toEqual(new Set([true, false]));
  });
});
