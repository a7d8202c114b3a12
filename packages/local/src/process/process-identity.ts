import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const hasProc = existsSync("/proc/self/stat");
/** Field 22 of the whole line. */
const START_TIME_INDEX = 19;

/** Whether a process of that number runs. One that has ended and waits for its parent does not. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") {
      return false;
    }
  }
  return !hasProc || readStat(pid)[0] !== "Z";
}

/** The command line of a process, or "" when there is none. */
export function readCommandLine(pid: number): string {
  if (!isAlive(pid)) {
    return "";
  }
  if (!hasProc) {
    return askPs(pid, "command=");
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/**
 * When a process began, in units that mean nothing by themselves: with the number it tells a
 * process from a later one that got the same number. "" when there is none.
 */
export function readStartTime(pid: number): string {
  if (!isAlive(pid)) {
    return "";
  }
  if (!hasProc) {
    return askPs(pid, "lstart=");
  }
  return readStat(pid)[START_TIME_INDEX] ?? "";
}

/**
 * The fields of /proc/<pid>/stat after the command, which may hold anything: the state is first.
 */
function readStat(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function askPs(pid: number, column: string): string {
  return spawnSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
}
