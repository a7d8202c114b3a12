import { readdirSync, readFileSync } from "node:fs";

export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** User and system time of all threads and of children that have ended, in clock ticks. */
  readonly ticks: number;
  /** Resident pages. */
  readonly pages: number;
}

/** A process and all that descend from it: Postgres is one process for each connection. */
export function readTree(rootPid: number, all: ReadonlyMap<number, ProcessStat>): ProcessStat[] {
  const tree: ProcessStat[] = [];
  const pending = [rootPid];
  while (pending.length > 0) {
    const pid = pending.pop();
    const stat = pid === undefined ? undefined : all.get(pid);
    if (stat !== undefined) {
      tree.push(stat);
      for (const candidate of all.values()) {
        if (candidate.parentPid === stat.pid) {
          pending.push(candidate.pid);
        }
      }
    }
  }
  return tree;
}

/** Every process of the machine, from /proc; empty where there is none. */
export function readProcesses(): Map<number, ProcessStat> {
  const found = new Map<number, ProcessStat>();
  for (const name of listProcesses()) {
    const stat = readStat(name);
    if (stat !== undefined) {
      found.set(stat.pid, stat);
    }
  }
  return found;
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readStat(name: string): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${name}/stat`, "latin1");
  } catch {
    // It ended between the listing and the read.
    return undefined;
  }
  // The second field is the name in brackets, which may hold blanks; fields count from the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid: Number(name),
    parentPid: Number(fields[1]),
    ticks: sumFields(fields, 11, 15),
    pages: Number(fields[21]),
  };
}

function sumFields(fields: readonly string[], from: number, to: number): number {
  return fields.slice(from, to).reduce((total, field) => total + Number(field), 0);
}
