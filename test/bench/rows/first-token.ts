import { measureTimes, readAdded, readFirstContent } from "./added-time.ts";
import type { Row } from "./row.ts";

/** What the platform adds to the time to the first content of a stream. */
export const firstToken: Row = {
  name: "first-token",
  run: async (bench) => {
    const [median] = await measureTimes(
      bench,
      { model: "fast", user: "simulator: tokens=10", connections: 1, isStream: true },
      [readFirstContent(0.5)],
    );
    return [
      {
        name: "added time to first token, p50",
        unit: "ms",
        ...readAdded(median),
        budget: { limit: 1, goal: 0.8, wants: "less" },
      },
    ];
  },
};
