import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";
import { repository } from "../config.ts";
import type { Leash } from "../process/leash.ts";
import type { Step } from "./step.ts";

/** A step that prints without end must not fill the memory. */
const OUTPUT_LENGTH_MAX = 4_000_000;

const report = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

export interface StepResult {
  readonly step: Step;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
  readonly durationMs: number;
}

/** Runs one step to its end. A check counts as one; a suite as its tests. */
export async function runStep(
  step: Step,
  options: { readonly leash: Leash; readonly reportFolder: string },
): Promise<StepResult> {
  const startedAt = performance.now();
  const [program, ...args] = step.command;
  const reportFile = join(options.reportFolder, `${step.name}.json`);
  const reporters = ["--passWithNoTests", "--reporter=default", "--reporter=json"];
  const child = spawn(
    program,
    step.isSuite === true ? [...args, ...reporters, `--outputFile.json=${reportFile}`] : args,
    {
      cwd: join(repository, step.folder ?? "."),
      // Its own group, so that it can be ended with all that it started.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: describePath(), ...describeColor() },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LENGTH_MAX);
    });
  }
  const { pid } = child;
  if (pid !== undefined) {
    options.leash.hold(pid, "SIGTERM");
  }
  const [code] = await once(child, "close").catch((error: unknown) => {
    output += `${program}: ${String(error)}\n`;
    return [1];
  });
  if (pid !== undefined) {
    options.leash.letGo(pid);
  }
  const durationMs = performance.now() - startedAt;
  return { step, output, durationMs, ...count(step, reportFile, code === 0) };
}

function count(
  step: Step,
  reportFile: string,
  isSuccess: boolean,
): { passed: number; failed: number } {
  if (step.isSuite !== true) {
    return isSuccess ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  }
  const { passed, failed } = readReport(reportFile);
  // A suite can fail without a failed test: a file that does not load, an error after the end.
  return { passed, failed: isSuccess ? failed : Math.max(failed, 1) };
}

function readReport(path: string): { passed: number; failed: number } {
  if (!existsSync(path)) {
    return { passed: 0, failed: 0 };
  }
  const { numPassedTests, numFailedTests } = report.parse(JSON.parse(readFileSync(path, "utf8")));
  return { passed: numPassedTests, failed: numFailedTests };
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
