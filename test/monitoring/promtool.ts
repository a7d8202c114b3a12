import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "./read-definitions.ts";

/** Nothing is installed, no daemon is started. */
const TOOLS = join(repository, ".fairlead/tools");
const FETCH_TIMEOUT_MS = 120_000;

/**
 * The promtool on the PATH, or else that of Debian's package `prometheus`, downloaded once.
 * Throws with what to install where neither can be had.
 */
export function findPromtool(): string {
  const fetched = join(TOOLS, "promtool");
  if (works("promtool")) {
    return "promtool";
  }
  if (!works(fetched)) {
    fetchPackage();
  }
  if (!works(fetched)) {
    throw new Error("promtool of Debian's package prometheus does not run here");
  }
  return fetched;
}

function works(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function fetchPackage(): void {
  const workshop = mkdtempSync(join(tmpdir(), "fairlead-promtool-"));
  try {
    const options = { cwd: workshop, stdio: "pipe", timeout: FETCH_TIMEOUT_MS } as const;
    download(options);
    const [archive = ""] = readdirSync(workshop);
    execFileSync("dpkg", ["-x", archive, "unpacked"], options);
    mkdirSync(TOOLS, { recursive: true });
    copyFileSync(join(workshop, "unpacked/usr/bin/promtool"), join(TOOLS, "promtool"));
  } catch (cause) {
    throw new Error("promtool is not here and could not be fetched: install Prometheus", { cause });
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function download(options: Parameters<typeof execFileSync>[2]): void {
  try {
    execFileSync("apt-get", ["download", "prometheus"], options);
  } catch {
    // A machine that was never updated does not know where its packages are.
    execFileSync("apt-get", ["update"], options);
    execFileSync("apt-get", ["download", "prometheus"], options);
  }
}

/** Runs it to its end; what it printed, and whether all was well. */
export function runPromtool(
  program: string,
  args: readonly string[],
  folder: string,
): { readonly isGood: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  return { isGood: status === 0, output: stdout + stderr };
}

/** False on a machine without Debian's packages, where a person may go on without it. */
export function mayDoWithout(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment.CI ?? "") === "" && !existsSync("/usr/bin/apt-get");
}
