import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFlaky, describeTotal, runAll } from "./checks/run-all.ts";
import { selectSteps } from "./checks/select-steps.ts";
import { Leash } from "./process/leash.ts";
import { describeError, onStopSignal } from "./terminal.ts";

/** `npm test`: all that must hold. Its last line is `N passed, N failed`. */
async function main(args: readonly string[]): Promise<number> {
  const steps = selectSteps(args);
  const leash = new Leash();
  const reportFolder = mkdtempSync(join(tmpdir(), "fairlead-test-"));
  const stop = () => {
    rmSync(reportFolder, { recursive: true, force: true });
    // What runs is on the leash: it ends with this process.
    process.exit(130);
  };
  onStopSignal(stop, stop);
  try {
    const results = await runAll(steps, { leash, reportFolder, tell: (text) => console.log(text) });
    const seconds = (performance.now() / 1_000).toFixed(0);
    console.log(`\n${results.length} steps in ${seconds} s`);
    for (const test of results.flatMap(({ flaky }) => flaky)) {
      console.log(describeFlaky(test));
    }
    console.log(describeTotal(results));
    return results.some((result) => result.failed > 0) ? 1 : 0;
  } finally {
    rmSync(reportFolder, { recursive: true, force: true });
    await leash.release();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}
