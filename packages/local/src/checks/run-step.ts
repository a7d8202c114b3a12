import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { repository } from "../config.ts";
import type { Leash } from "../process/leash.ts";
import type { Step } from "./step.ts";
import { findFailedFiles, mergeReports, readReport, type SuiteReport } from "./suite-report.ts";

/** A step that prints without end must not fill the memory. */
const OUTPUT_LENGTH_MAX = 4_000_000;
/** Of a suite: what fails in more of them is no accident. */
const FILES_AGAIN_MAX = 3;
/** What vitest heads errors with that belong to no test: another run would not tell of them. */
const UNHANDLED = "Unhandled Errors";

export interface StepResult {
  readonly step: Step;
  readonly passed: number;
  readonly failed: number;
  /** Tests that failed, and passed when their file ran again. */
  readonly flaky: readonly string[];
  readonly output: string;
  readonly durationMs: number;
}

interface StepOptions {
  readonly leash: Leash;
  readonly reportFolder: string;
}

interface Run {
  readonly isSuccess: boolean;
  readonly output: string;
  readonly report: SuiteReport | undefined;
}

/**
 * Runs one step to its end. A check counts as one; a suite as its tests. The few files of a suite
 * that failed run once more, by themselves: what passes then is told of as flaky.
 */
export async function runStep(step: Step, options: StepOptions): Promise<StepResult> {
  const startedAt = performance.now();
  const first = await run(step, options, "first");
  const files = first.report === undefined ? [] : findFailedFiles(first.report);
  const isWorthAnother =
    files.length > 0 && files.length <= FILES_AGAIN_MAX && !first.output.includes(UNHANDLED);
  const again = isWorthAnother ? await run(step, options, "again", files) : undefined;
  const output = first.output + (again?.output ?? "");
  return { step, output, durationMs: performance.now() - startedAt, ...count(step, first, again) };
}

async function run(
  step: Step,
  { leash, reportFolder }: StepOptions,
  name: string,
  files: readonly string[] = [],
): Promise<Run> {
  const [program, ...args] = step.command;
  const reportFile = join(reportFolder, `${step.name}-${name}.json`);
  const reporters = ["--passWithNoTests", "--reporter=default", "--reporter=json"];
  const suiteArgs = [...files, ...reporters, `--outputFile.json=${reportFile}`];
  const child = spawn(program, step.isSuite === true ? [...args, ...suiteArgs] : args, {
    cwd: join(repository, step.folder ?? "."),
    // Its own group, so that it can be ended with all that it started.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: describePath(), ...describeColor() },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LENGTH_MAX);
    });
  }
  const { pid } = child;
  if (pid !== undefined) {
    leash.hold(pid, "SIGTERM");
  }
  const [code] = await once(child, "close").catch((error: unknown) => {
    output += `${program}: ${String(error)}\n`;
    return [1];
  });
  if (pid !== undefined) {
    leash.letGo(pid);
  }
  const report = step.isSuite === true ? readReport(reportFile) : undefined;
  return { isSuccess: code === 0, output, report };
}

function count(
  step: Step,
  first: Run,
  again: Run | undefined,
): Pick<StepResult, "passed" | "failed" | "flaky"> {
  if (step.isSuite !== true) {
    return { passed: first.isSuccess ? 1 : 0, failed: first.isSuccess ? 0 : 1, flaky: [] };
  }
  if (first.report !== undefined && again?.report !== undefined) {
    const merged = mergeReports(first.report, again.report);
    return { ...merged, failed: atLeastOne(merged.failed, again.isSuccess) };
  }
  const { numPassedTests = 0, numFailedTests = 0 } = first.report ?? {};
  return {
    passed: numPassedTests,
    failed: atLeastOne(numFailedTests, first.isSuccess),
    flaky: [],
  };
}

/** A suite can fail without a failed test: a file that does not load, an error after the end. */
function atLeastOne(failed: number, isSuccess: boolean): number {
  return isSuccess ? failed : Math.max(failed, 1);
}

/** What we print is read by programs too, unless it goes to a terminal. */
function describeColor(): Record<string, string | undefined> {
  // Some programs take FORCE_COLOR for a yes, whatever it says.
  return process.stdout.isTTY ? { FORCE_COLOR: "1" } : { FORCE_COLOR: undefined, NO_COLOR: "1" };
}

function describePath(): string {
  const own = [dirname(process.execPath), join(repository, "node_modules/.bin")];
  return [...own, process.env.PATH ?? ""].join(delimiter);
}
