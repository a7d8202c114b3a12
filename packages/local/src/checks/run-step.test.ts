import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Leash } from "../process/leash.ts";
import { runStep } from "./run-step.ts";

let folder: string;
let leash: Leash;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-run-step-"));
  leash = new Leash();
});
afterEach(async () => {
  await leash.release();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Plays vitest: of the files a, b and c, `failing` says for each run which tests fail; a file that
 * is named itself fails as a whole, and skips its tests. Every file has two tests.
 */
function play(
  failing: readonly (readonly string[])[],
  { skipped = [], print = "" }: { skipped?: readonly string[]; print?: string } = {},
) {
  const script = join(folder, "suite.mjs");
  writeFileSync(
    script,
    `import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
    const args = process.argv.slice(2);
    const report = args.find((it) => it.startsWith("--outputFile.json=")).split("=")[1];
    const named = args.filter((it) => !it.startsWith("--"));
    const log = ${JSON.stringify(join(folder, "runs"))};
    appendFileSync(log, named.join(" ") + "\\n");
    const run = readFileSync(log, "utf8").split("\\n").length - 2;
    const failing = ${JSON.stringify(failing)}[run];
    const skipped = ${JSON.stringify(skipped)};
    const testResults = (named.length > 0 ? named : ["a", "b", "c"]).map((name) => {
      const assertionResults = [1, 2].map((number) => {
        const fullName = name + number;
        const isSkipped = failing.includes(name) || (run > 0 && skipped.includes(fullName));
        const status = failing.includes(fullName) ? "failed" : "passed";
        return { fullName, status: isSkipped ? "skipped" : status };
      });
      const isFailed =
        failing.includes(name) || assertionResults.some(({ status }) => status === "failed");
      return { name, status: isFailed ? "failed" : "passed", assertionResults };
    });
    const count = (status) =>
      testResults.flatMap((it) => it.assertionResults).filter((it) => it.status === status).length;
    const [numPassedTests, numFailedTests] = [count("passed"), count("failed")];
    writeFileSync(report, JSON.stringify({ numPassedTests, numFailedTests, testResults }));
    console.log(${JSON.stringify(print)});
    process.exit(testResults.some((it) => it.status === "failed") ? 1 : 0);`,
  );
  const step = { name: "unit", label: "unit", isSuite: true, command: ["node", script] } as const;
  return runStep(step, { leash, reportFolder: folder });
}

it("counts the tests of a suite", async () => {
  expect(await play([[]])).toMatchObject({ passed: 6, failed: 0, flaky: [] });
});

it("runs a file again of which a test failed, alone, and tells of what passed then", async () => {
  expect(await play([["b1"], []])).toMatchObject({ passed: 6, failed: 0, flaky: ["b1"] });
});

it("fails what fails again", async () => {
  const result = await play([["a1", "b1"], ["b1"]]);
  expect(result).toMatchObject({ passed: 5, failed: 1, flaky: ["a1"] });
});

it("does not count on luck for what failed only in the second run", async () => {
  expect(await play([["a1"], ["a2"]])).toMatchObject({ passed: 5, failed: 1, flaky: ["a1"] });
});

it("names a file whose hook failed, and passed with its tests the second time", async () => {
  expect(await play([["b"], []])).toMatchObject({ passed: 6, failed: 0, flaky: ["b"] });
});

it("fails a file whose hook fails again", async () => {
  expect(await play([["b"], ["b"]])).toMatchObject({ passed: 4, failed: 1, flaky: [] });
});

it("fails what failed at first and is skipped the second time", async () => {
  const result = await play([["a1"], []], { skipped: ["a1", "a2"] });
  expect(result).toMatchObject({ passed: 4, failed: 1, flaky: [] });
});

it("runs nothing again after errors that belong to no test", async () => {
  const result = await play([["a1"], []], { print: "--- Unhandled Errors ---" });
  expect(result).toMatchObject({ passed: 5, failed: 1, flaky: [] });
});
