import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** What vitest's JSON reporter writes. */
const schema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z
    .array(
      z.object({
        /** The file's path. */
        name: z.string(),
        status: z.string(),
        assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
      }),
    )
    .default([]),
});

export type SuiteReport = z.infer<typeof schema>;

/** Undefined when the suite ended before it wrote one. */
export function readReport(path: string): SuiteReport | undefined {
  return existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}

/** Those with a failed test, and those that did not load. */
export function findFailedFiles({ testResults }: SuiteReport): string[] {
  return testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
}

/**
 * A suite of which the failed files ran again: the second run counts for them. What failed at first
 * has to pass then; to be skipped is not enough.
 */
export function mergeReports(
  first: SuiteReport,
  again: SuiteReport,
): { readonly passed: number; readonly failed: number; readonly flaky: readonly string[] } {
  const flaky: string[] = [];
  let replaced = 0;
  let missing = 0;
  for (const file of first.testResults.filter(({ status }) => status === "failed")) {
    const now = again.testResults.find(({ name }) => name === file.name);
    const tests = now?.assertionResults ?? [];
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    replaced += file.assertionResults.filter(({ status }) => status === "passed").length;
    for (const { fullName } of failed) {
      const status = tests.find((test) => test.fullName === fullName)?.status;
      if (status === "passed") {
        flaky.push(fullName);
      } else if (status !== "failed") {
        missing += 1;
      }
    }
    // It did not load, or one of its hooks failed.
    if (failed.length === 0 && now?.status !== "failed") {
      if (tests.some(({ status }) => status === "passed")) {
        flaky.push(file.name);
      } else {
        missing += 1;
      }
    }
  }
  return {
    passed: first.numPassedTests - replaced + again.numPassedTests,
    failed: again.numFailedTests + missing,
    flaky,
  };
}
