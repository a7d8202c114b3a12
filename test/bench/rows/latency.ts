import { measureTimes, readAdded, readLatency } from "./added-time.ts";
import type { Row } from "./row.ts";

/** What the platform adds to one request at a time, not streamed. */
export const latency: Row = {
  name: "latency",
  run: async (bench) => {
    const [median, tail] = await measureTimes(
      bench,
      { model: "fast", user: "Is Santa real?", connections: 1 },
      [readLatency(0.5), readLatency(0.99)],
    );
    return [
      {
        name: "added latency, 1 connection, p50",
        unit: "ms",
        ...readAdded(median),
        budget: { limit: 0.8, goal: 0.44, wants: "less" },
      },
      {
        name: "added latency, 1 connection, p99",
        unit: "ms",
        ...readAdded(tail),
        budget: { limit: 4, goal: 2, wants: "less" },
      },
    ];
  },
};
