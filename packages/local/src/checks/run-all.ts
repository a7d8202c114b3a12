import { stripVTControlCharacters } from "node:util";
import { runStep, type StepResult } from "./run-step.ts";
import type { Step } from "./step.ts";

/** Two checks fill two cores; a suite fills them by itself. */
const CHECKS_AT_ONCE = 2;
const PROGRESS_EVERY_MS = 15_000;

type RunOptions = Parameters<typeof runStep>[1];

/** Runs the steps, checks side by side and suites one after the other, and tells of each. */
export async function runAll(
  steps: readonly Step[],
  options: RunOptions & { readonly tell: (text: string) => void },
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const running = new Set<string>();
  const progress = setInterval(() => {
    options.tell(`  … ${[...running].join(", ")}`);
  }, PROGRESS_EVERY_MS);
  const run = async (step: Step) => {
    running.add(step.name);
    const result = await runStep(step, options);
    running.delete(step.name);
    results.push(result);
    options.tell(describeResult(result));
  };
  const checks = steps.filter((step) => step.isSuite !== true);
  const takeChecks = async () => {
    for (let step = checks.shift(); step !== undefined; step = checks.shift()) {
      await run(step);
    }
  };
  try {
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, takeChecks));
    for (const step of steps.filter((it) => it.isSuite === true)) {
      await run(step);
    }
  } finally {
    clearInterval(progress);
  }
  return results;
}

/**
 * What a step says of itself that is worth reading though it passed: its times, why it did nothing.
 */
const NOTICE = /^\[notice\] (.*)$/gm;

/**
 * A line for a step that passed, its notices, and all it printed for one that failed, or nearly.
 */
export function describeResult(result: StepResult): string {
  const { step, passed, failed, flaky, output, durationMs } = result;
  const time = `${(durationMs / 1_000).toFixed(1)} s`;
  const tests = step.isSuite === true ? `, ${passed} passed, ${failed} failed` : "";
  const head = `${failed === 0 ? "✓" : "✗"} ${step.name}: ${step.label} (${time}${tests})`;
  if (failed > 0) {
    return `${head}\n\n${output.trimEnd()}\n`;
  }
  const notices = stripVTControlCharacters(output).matchAll(NOTICE);
  const lines = [head, ...[...notices].map(([, text]) => `    ${text}`)];
  return flaky.length === 0
    ? lines.join("\n")
    : [...lines, ...flaky.map(describeFlaky), "", `${output.trimEnd()}\n`].join("\n");
}

/** A test that passes or not as it likes is a bug, of it or of what it tests: to be mended. */
export function describeFlaky(test: string): string {
  return `    flaky: ${test} failed, and passed when its file ran again`;
}

/** The last line of `npm test`. */
export function describeTotal(results: readonly StepResult[]): string {
  const sum = (pick: (result: StepResult) => number) =>
    results.reduce((total, result) => total + pick(result), 0);
  return `${sum((it) => it.passed)} passed, ${sum((it) => it.failed)} failed`;
}
