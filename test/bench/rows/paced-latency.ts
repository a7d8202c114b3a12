import { type ChatTarget, writeRequest } from "../load-generator/write-request.ts";
import { type RoundTimes, readAdded, readLatency } from "./added-time.ts";
import type { Bench, Row } from "./row.ts";
import { runChecked } from "./run-job.ts";

const RATE = 500;
const CONNECTIONS = 64;
const MICROSECONDS = 1000;
const readTail = readLatency(0.99);

/** Latency at a fixed rate of arrivals, corrected for coordinated omission. */
export const pacedLatency: Row = {
  name: "paced-latency",
  run: async (bench) => {
    for (const target of [bench.bare, bench.platform]) {
      await measureTail(bench, target);
    }
    const rounds: RoundTimes[] = [];
    for (let round = 0; round < bench.options.rounds; round += 1) {
      rounds.push({
        direct: await measureTail(bench, bench.direct),
        bare: await measureTail(bench, bench.bare),
        platform: await measureTail(bench, bench.platform),
      });
    }
    return [{ name: "added latency, 500 requests/s, p99", unit: "ms", ...readAdded(rounds) }];
  },
};

/** Milliseconds. */
async function measureTail(bench: Bench, target: ChatTarget): Promise<number> {
  const result = await runChecked(bench, {
    kind: "open",
    address: target.address,
    request: writeRequest(target, { model: "fast", user: "Is Santa real?" }),
    connections: CONNECTIONS,
    rate: RATE,
    durationMs: bench.options.seconds * 1000,
  });
  return readTail(result) / MICROSECONDS;
}
