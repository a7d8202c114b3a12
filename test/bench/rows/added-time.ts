import { Histogram } from "../load-generator/histogram.ts";
import type { JobResult } from "../load-generator/job.ts";
import type { Bench, Figure } from "./row.ts";
import { type ChatJob, runChat } from "./run-job.ts";

const MICROSECONDS = 1000;

export interface RoundTimes {
  /** Milliseconds. */
  readonly direct: number;
  readonly platform: number;
  readonly bare: number;
}

/** What is read from a result, in microseconds: the median latency, say. */
export type ReadTime = (result: JobResult) => number;

export const readLatency =
  (share: number): ReadTime =>
  ({ latency }) =>
    Histogram.from(latency).percentile(share);

export const readFirstContent =
  (share: number): ReadTime =>
  ({ firstContent }) =>
    Histogram.from(firstContent).percentile(share);

/** Runs the same job straight, bare and through the platform, in turn; times a round and reading. */
export async function measureTimes(
  bench: Bench,
  job: Omit<ChatJob, "durationMs">,
  readings: readonly ReadTime[],
): Promise<RoundTimes[][]> {
  const durationMs = (bench.options.seconds * 1000) / 2;
  for (const target of [bench.bare, bench.platform]) {
    await runChat(bench, target, { ...job, durationMs: durationMs / 2 });
  }
  const rounds: RoundTimes[][] = readings.map(() => []);
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const direct = await runChat(bench, bench.direct, { ...job, durationMs });
    const bare = await runChat(bench, bench.bare, { ...job, durationMs });
    const platform = await runChat(bench, bench.platform, { ...job, durationMs });
    for (const [index, read] of readings.entries()) {
      rounds[index]?.push({
        direct: read(direct) / MICROSECONDS,
        platform: read(platform) / MICROSECONDS,
        bare: read(bare) / MICROSECONDS,
      });
    }
  }
  return rounds;
}

/** What the platform adds, the same straight, and what the bare relay adds. */
export function readAdded(
  rounds: readonly RoundTimes[] = [],
): Required<Pick<Figure, "values" | "direct" | "bare">> {
  return {
    values: rounds.map(({ direct, platform }) => platform - direct),
    direct: rounds.map(({ direct }) => direct),
    bare: rounds.map(({ direct, bare }) => bare - direct),
  };
}
