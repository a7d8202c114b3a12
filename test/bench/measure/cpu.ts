import { execFileSync } from "node:child_process";
import { readProcesses, readTree } from "./process-tree.ts";

export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
}

/** CPU microseconds by process name. */
export type CpuTimes = ReadonlyMap<string, number>;

const MICROSECONDS_PER_SECOND = 1_000_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;

let cachedTickMicroseconds: number | undefined;

/** CPU used so far by each process with its descendants; processes of one name are added up. */
export function readCpu(processes: readonly NamedProcess[]): CpuTimes {
  cachedTickMicroseconds ??= MICROSECONDS_PER_SECOND / readSetting("CLK_TCK", 100);
  return sumTrees(processes, ({ ticks }) => ticks * (cachedTickMicroseconds ?? 0));
}

export function subtractCpu(after: CpuTimes, before: CpuTimes): CpuTimes {
  return new Map([...after].map(([name, time]) => [name, time - (before.get(name) ?? 0)]));
}

/** Resident megabytes of all processes. */
export function readResidentMegabytes(processes: readonly NamedProcess[]): CpuTimes {
  const pageBytes = readSetting("PAGESIZE", 4096);
  return sumTrees(processes, ({ pages }) => (pages * pageBytes) / BYTES_PER_MEGABYTE);
}

export function sum(values: CpuTimes): number {
  let total = 0;
  for (const value of values.values()) {
    total += value;
  }
  return total;
}

function sumTrees(
  processes: readonly NamedProcess[],
  read: (stat: { readonly ticks: number; readonly pages: number }) => number,
): CpuTimes {
  const all = readProcesses();
  const totals = new Map<string, number>();
  for (const { name, pid } of processes) {
    for (const stat of readTree(pid, all)) {
      totals.set(name, (totals.get(name) ?? 0) + read(stat));
    }
  }
  return totals;
}

function readSetting(name: string, fallback: number): number {
  try {
    return Number(execFileSync("getconf", [name], { encoding: "utf8" })) || fallback;
  } catch {
    return fallback;
  }
}
