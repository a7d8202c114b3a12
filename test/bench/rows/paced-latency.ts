import { Histogram } from "../load-generator/histogram.ts";
import { writeRequest } from "../load-generator/write-request.ts";
import type { Row } from "./row.ts";
import { runChecked } from "./run-job.ts";

const RATE = 500;
const CONNECTIONS = 64;
const MICROSECONDS = 1000;

/** Latency at a fixed rate of arrivals, corrected for coordinated omission. */
export const pacedLatency: Row = {
  name: "paced-latency",
  run: async (bench) => {
    const values: { readonly direct: number; readonly platform: number }[] = [];
    for (let round = 0; round < bench.options.rounds; round += 1) {
      const pair = { direct: Number.NaN, platform: Number.NaN };
      for (const side of ["direct", "platform"] as const) {
        const target = bench[side];
        const result = await runChecked(bench, {
          kind: "open",
          address: target.address,
          request: writeRequest(target, { model: "fast", user: "Is Santa real?" }),
          connections: CONNECTIONS,
          rate: RATE,
          durationMs: bench.options.seconds * 1000,
        });
        pair[side] = Histogram.from(result.latency).percentile(0.99) / MICROSECONDS;
      }
      values.push(pair);
    }
    return [
      {
        name: "added latency, 500 requests/s, p99",
        unit: "ms",
        values: values.map(({ direct, platform }) => platform - direct),
        direct: values.map(({ direct }) => direct),
      },
    ];
  },
};
