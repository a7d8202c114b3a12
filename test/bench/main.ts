import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { startBareRelay } from "./bare-relay/start-bare-relay.ts";
import { startGenerator } from "./load-generator/generator.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { REPORT_FOLDER } from "./paths.ts";
import { readProfiles, writeProfiles } from "./report/read-profiles.ts";
import type { Report } from "./report/report.ts";
import { writeTable } from "./report/write-table.ts";
import { rows } from "./rows/rows.ts";
import { runRows } from "./run-rows.ts";
import { attachTarget, type BenchTarget, startTarget } from "./target.ts";

const EXIT_BUDGET_MISSED = 1;
const EXIT_USAGE = 64;

async function main(): Promise<void> {
  const options = parse();
  if (options === undefined) {
    process.exitCode = EXIT_USAGE;
    return;
  }
  const startedAt = new Date().toISOString();
  const stamp = startedAt.replaceAll(":", "-").slice(0, 19);
  mkdirSync(REPORT_FOLDER, { recursive: true });
  const profileFolder = options.isProfiled ? join(REPORT_FOLDER, `${stamp}-profiles`) : undefined;
  const results = await withTarget(options, profileFolder, (target) => measure(target, options));
  const { figures, skipped } = results;
  const report: Report = { startedAt, machine: describeMachine(), options, figures, skipped };
  const path = join(REPORT_FOLDER, `${stamp}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${writeTable(report)}\n${path}`);
  if (profileFolder !== undefined) {
    console.log(
      `\n${writeProfiles(readProfiles(profileFolder, results.processes, results.since))}`,
    );
  }
  const isKept = report.figures.every(({ verdict }) => verdict !== "missed");
  const hasFailed = report.skipped.some(({ reason }) => reason.startsWith("failed: "));
  if (hasFailed || (options.isChecked && !isKept)) {
    process.exitCode = EXIT_BUDGET_MISSED;
  }
}

function parse(): Options | undefined {
  try {
    const options = readOptions(process.argv.slice(2));
    const unknown = options.rows?.filter((name) => rows.every((row) => row.name !== name)) ?? [];
    if (unknown.length > 0) {
      throw new Error(
        `no row is called ${unknown.join(", ")}; there are ${rows.map(({ name }) => name).join(", ")}`,
      );
    }
    if (options.isAttached && options.isProfiled) {
      throw new Error("--profile starts the services itself: leave out --attach");
    }
    return options;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

/** Runs `use` on a platform, and ends the platform whatever happens, Ctrl-C included. */
async function withTarget<T>(
  options: Options,
  profileFolder: string | undefined,
  use: (target: BenchTarget) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.once(name, () => {
        interrupt.abort();
        reject(new Error(`ended by ${name}`));
      });
    }
  });
  const target = options.isAttached
    ? attachTarget()
    : await startTarget(profileFolder, interrupt.signal);
  return Promise.race([use(target), interrupted]).finally(() => target.stop());
}

async function measure(target: BenchTarget, options: Options) {
  const generator = startGenerator();
  const relay = await startBareRelay(target.direct);
  try {
    const chosen = rows.filter(({ name }) => options.rows?.includes(name) ?? true);
    const since = Number(process.hrtime.bigint() / 1000n);
    const { target: bare, processes: bareProcesses } = relay;
    const results = await runRows(chosen, { ...target, bare, bareProcesses, generator, options });
    return { ...results, processes: target.processes, since };
  } finally {
    generator.close();
    relay.stop();
  }
}

function describeMachine(): Record<string, string | number> {
  const all = cpus();
  return {
    cores: all.length,
    model: all[0]?.model ?? "unknown",
    kernel: release(),
    node: process.version,
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
