import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import type { NamedProcess } from "../measure/cpu.ts";

const TOP = 10;

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
      }),
    }),
  ),
  /** Microseconds of the monotonic clock. */
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export interface SelfTime {
  readonly where: string;
  /** Share of the time the process was not idle. */
  readonly share: number;
}

export interface ProcessProfile {
  readonly name: string;
  readonly busyMs: number;
  readonly top: readonly SelfTime[];
}

/**
 * The profiles the services wrote when they ended, by process. What came before `since` (of
 * `process.hrtime`, in microseconds) is left out: loading modules would be first in every list.
 */
export function readProfiles(
  folder: string,
  processes: readonly NamedProcess[],
  since: number,
): readonly ProcessProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  return processes.flatMap(({ name, pid }) =>
    // CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile
    files
      .filter((file) => file.split(".")[3] === String(pid))
      .map((file) => readProfile(name, join(folder, file), since)),
  );
}

function readProfile(name: string, path: string, since: number): ProcessProfile {
  const { nodes, startTime, samples, timeDeltas } = profileSchema.parse(
    JSON.parse(readFileSync(path, "utf8")),
  );
  const places = new Map(nodes.map(({ id, callFrame }) => [id, describeFrame(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  let now = startTime;
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? "";
    const time = timeDeltas[index] ?? 0;
    now += time;
    if (now >= since && place !== "(idle)" && place !== "(program)") {
      busy += time;
      times.set(place, (times.get(place) ?? 0) + time);
    }
  }
  const top = [...times]
    .sort(([, left], [, right]) => right - left)
    .slice(0, TOP)
    .map(([where, time]) => ({ where, share: time / busy }));
  return { name, busyMs: busy / 1000, top };
}

function describeFrame(frame: {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}): string {
  const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
  return frame.url === "" ? name : `${name} ${basename(frame.url)}:${frame.lineNumber + 1}`;
}

export function writeProfiles(profiles: readonly ProcessProfile[]): string {
  return profiles
    .map(({ name, busyMs, top }) =>
      [
        `${name}: ${Math.round(busyMs)} ms busy`,
        ...top.map(({ where, share }) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${where}`),
      ].join("\n"),
    )
    .join("\n\n");
}
