import { setTimeout as sleep } from "node:timers/promises";
import { readCpu, subtractCpu, sum } from "../measure/cpu.ts";
import type { Row } from "./row.ts";

const IDLE_MS = 5000;

/** What the platform costs when nobody uses it: a second's CPU, in microseconds. */
export const idle: Row = {
  name: "idle",
  run: async ({ processes }) => {
    const before = readCpu(processes);
    await sleep(IDLE_MS);
    const used = subtractCpu(readCpu(processes), before);
    return [
      {
        name: "CPU per second, idle",
        unit: "µs",
        values: [(sum(used) * 1000) / IDLE_MS],
        detail: Object.fromEntries(used),
      },
    ];
  },
};
