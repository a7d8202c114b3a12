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

/** A suite of which the failed files ran again: the second run counts for them. */
export function mergeReports(
  first: SuiteReport,
  again: SuiteReport,
): { readonly passed: number; readonly failed: number; readonly flaky: readonly string[] } {
  const repeated = first.testResults.filter(({ status }) => status === "failed");
  const tests = repeated.flatMap(({ assertionResults }) => assertionResults);
  const replaced = tests.filter(({ status }) => status === "passed").length;
  const passedNow = new Set(
    again.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === "passed").map(({ fullName }) => fullName),
    ),
  );
  return {
    passed: first.numPassedTests - replaced + again.numPassedTests,
    failed: again.numFailedTests,
    flaky: tests
      .filter(({ status, fullName }) => status === "failed" && passedNow.has(fullName))
      .map(({ fullName }) => fullName),
  };
}
