import { z } from "zod";
import { median } from "../measure/median.ts";
import { type Bench, type Row, SkippedRow } from "./row.ts";
import { runChat } from "./run-job.ts";

const REQUESTS = 200;
const DURATION_MAX_MS = 20_000;
const MICROSECONDS = 1000;

const recordsSchema = z.array(z.object({ sequence: z.number(), status: z.number() }));
type Records = z.output<typeof recordsSchema>;

/**
 * What a provider that refuses at once adds. Requests go one after the other, so the simulator's
 * records tell which of them met the refusal: the router soon stops sending them there.
 */
export const failover: Row = {
  name: "failover",
  run: async (bench) => {
    const job = {
      user: "Is Santa real?",
      connections: 1,
      durationMs: DURATION_MAX_MS,
      requestsMax: REQUESTS,
      hasSamples: true,
    };
    const values: number[] = [];
    let failedOver = 0;
    for (let round = 0; round < bench.options.rounds; round += 1) {
      const plain = await runChat(bench, bench.platform, { ...job, model: "fast" });
      const since = await readLastSequence(bench);
      const flaky = await runChat(bench, bench.platform, { ...job, model: "flaky" });
      const records = await fetchRecords(bench, since);
      const slow = selectFailedOver(flaky.samples, records);
      failedOver += slow.length;
      values.push((median(slow) - median(plain.samples)) / MICROSECONDS);
    }
    if (failedOver === 0) {
      throw new SkippedRow("no request was sent to the refusing provider: the router avoided it");
    }
    return [
      {
        name: "failover, upstream answers 503 at once, p50",
        unit: "ms",
        values: values.filter((value) => !Number.isNaN(value)),
        budget: { limit: 2, goal: 0.5, wants: "less" },
        detail: { failedOver, requests: REQUESTS * bench.options.rounds },
      },
    ];
  },
};

/** Each good answer ends a client's request; refusals before it belong to the same one. */
function selectFailedOver(samples: readonly number[], records: Records): number[] {
  const selected: number[] = [];
  let index = 0;
  let refusals = 0;
  for (const { status } of records) {
    if (status !== 200) {
      refusals += 1;
      continue;
    }
    const sample = samples[index];
    if (refusals === 1 && sample !== undefined) {
      selected.push(sample);
    }
    index += 1;
    refusals = 0;
  }
  return selected;
}

async function readLastSequence(bench: Bench): Promise<number> {
  const records = await fetchRecords(bench, 0);
  return records.at(-1)?.sequence ?? 0;
}

async function fetchRecords({ simulatorUrl }: Bench, since: number): Promise<Records> {
  const response = await fetch(`${simulatorUrl}/control/requests?since=${since}&limit=1000000`);
  return recordsSchema.parse(await response.json());
}
