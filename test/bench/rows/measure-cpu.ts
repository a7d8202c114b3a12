import type { JobResult } from "../load-generator/job.ts";
import { type CpuTimes, type NamedProcess, readCpu, subtractCpu } from "../measure/cpu.ts";

export interface MeasuredJob {
  readonly result: JobResult;
  /** CPU microseconds while the job ran, by process. */
  readonly cpu: CpuTimes;
}

export async function measureCpu(
  processes: readonly NamedProcess[],
  run: () => Promise<JobResult>,
): Promise<MeasuredJob> {
  const before = readCpu(processes);
  const result = await run();
  return { result, cpu: subtractCpu(readCpu(processes), before) };
}

/** CPU by process divided by `count`, the mean over all rounds. */
export function divideCpu(
  rounds: readonly { readonly cpu: CpuTimes; readonly count: number }[],
): Record<string, number> {
  const times = new Map<string, number>();
  let total = 0;
  for (const { cpu, count } of rounds) {
    total += count;
    for (const [name, time] of cpu) {
      times.set(name, (times.get(name) ?? 0) + time);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, time]) => [name, Math.round((time / total) * 10) / 10]),
  );
}
