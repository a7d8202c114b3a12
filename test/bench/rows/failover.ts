import { z } from "zod";
import { median } from "../measure/median.ts";
import { type Bench, type Row, SkippedRow } from "./row.ts";
import { runChat } from "./run-job.ts";

const REQUESTS = 400;
const DURATION_MAX_MS = 20_000;
const MICROSECONDS = 1000;
/** What the refusing provider of `simulated/flaky` serves. */
const UPSTREAM = "sim-busy";
const ORDER = ["simulated-refusing", "simulated-openai-b"];
/** So few refusals that the router does not take the provider out, as it would if all were. */
const SCRIPT = "tokens=80 fault=status:503 fault_rate=0.08";

const recordsSchema = z.array(z.object({ sequence: z.number(), status: z.number() }));
type Records = z.output<typeof recordsSchema>;

/**
 * What a provider that answers 503 at once adds to a request. Requests go one after the other, so
 * the simulator's records tell which of them met the refusal; the others are what to compare with.
 */
export const failover: Row = {
  name: "failover",
  run: async (bench) => {
    await controlScripts(bench, "POST", "", { model: UPSTREAM, script: SCRIPT });
    try {
      return await measure(bench);
    } finally {
      await controlScripts(bench, "DELETE", `?model=${UPSTREAM}`);
    }
  },
};

async function measure(bench: Bench) {
  const values: number[] = [];
  let failedOver = 0;
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const since = await readLastSequence(bench);
    const { samples } = await runChat(bench, bench.platform, {
      model: "flaky",
      user: "Is Santa real?",
      order: ORDER,
      connections: 1,
      durationMs: DURATION_MAX_MS,
      requestsMax: REQUESTS,
      hasSamples: true,
    });
    const { refused, plain } = splitSamples(samples, await fetchRecords(bench, since));
    failedOver += refused.length;
    if (refused.length > 0 && plain.length > 0) {
      values.push((median(refused) - median(plain)) / MICROSECONDS);
    }
  }
  if (values.length === 0) {
    throw new SkippedRow("no request met a refusal: the router avoided the provider");
  }
  return [
    {
      name: "failover, upstream answers 503 at once, p50",
      unit: "ms" as const,
      values,
      budget: { limit: 2, goal: 0.5, wants: "less" as const },
      detail: { failedOver, requests: REQUESTS * bench.options.rounds },
    },
  ];
}

/** Each good answer ends a client's request; refusals before it belong to the same one. */
function splitSamples(samples: readonly number[], records: Records) {
  const refused: number[] = [];
  const plain: number[] = [];
  let index = 0;
  let refusals = 0;
  for (const { status } of records) {
    if (status !== 200) {
      refusals += 1;
      continue;
    }
    const sample = samples[index];
    if (sample !== undefined && refusals < 2) {
      (refusals === 1 ? refused : plain).push(sample);
    }
    index += 1;
    refusals = 0;
  }
  return { refused, plain };
}

async function readLastSequence(bench: Bench): Promise<number> {
  const records = await fetchRecords(bench, 0);
  return records.at(-1)?.sequence ?? 0;
}

async function fetchRecords({ simulatorUrl }: Bench, since: number): Promise<Records> {
  const response = await fetch(`${simulatorUrl}/control/requests?since=${since}&limit=1000000`);
  return recordsSchema.parse(await response.json());
}

async function controlScripts(
  { simulatorUrl }: Bench,
  method: string,
  query: string,
  body?: object,
): Promise<void> {
  const response = await fetch(`${simulatorUrl}/control/scripts${query}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    throw new Error(`the simulator refused a script: ${await response.text()}`);
  }
}
