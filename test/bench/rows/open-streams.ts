import { writeRequest } from "../load-generator/write-request.ts";
import { readResidentMegabytes, sum } from "../measure/cpu.ts";
import type { Row } from "./row.ts";
import { runChecked } from "./run-job.ts";

const STALL_MS = 2500;
const RAMP_MS = 5000;
const HOLD_MS = 20_000;
const RAMP_SHARE_OF_HOLD = 0.9;

/** Many streams open at once, an event a second each: none may stall, and memory is bounded. */
export const openStreams: Row = {
  name: "open-streams",
  run: async (bench) => {
    const { streams } = bench.options;
    const { address } = bench.platform;
    const pending = runChecked(bench, {
      kind: "hold",
      address,
      request: writeRequest(bench.platform, {
        model: "fast",
        user: "simulator: tokens=200 rate=1",
        isStream: true,
      }),
      connections: streams,
      rampMs: RAMP_MS,
      durationMs: HOLD_MS,
      stallMs: STALL_MS,
    });
    const reading = Promise.withResolvers<ReadonlyMap<string, number>>();
    const timer = setTimeout(
      () => reading.resolve(readResidentMegabytes(bench.processes)),
      (RAMP_MS + HOLD_MS) * RAMP_SHARE_OF_HOLD,
    );
    const result = await pending.finally(() => clearTimeout(timer));
    const resident = await reading.promise;
    return [
      {
        name: `stalls over 2.5 s, ${streams} streams at 1 event/s`,
        unit: "stalls",
        values: [result.stalls + result.broken],
        budget: { limit: 0, goal: 0, wants: "less" },
        detail: { events: result.events, gapMaxMs: Math.round(result.gapMax / 1000) },
      },
      {
        name: `memory of all processes, ${streams} streams`,
        unit: "MB",
        values: [sum(resident)],
        budget: { limit: 1200, goal: 600, wants: "less" },
        detail: Object.fromEntries([...resident].map(([name, value]) => [name, Math.round(value)])),
      },
    ];
  },
};
