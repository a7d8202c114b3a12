import { measureTimes, readAdded, readLatency } from "./added-time.ts";
import type { Row } from "./row.ts";

const PROMPT_CHARACTERS = 400_000;
const SENTENCE = "The quick brown fox jumps over the lazy dog, and then it comes back. ";

/** What the platform adds to a request of about 100,000 tokens. */
export const largePrompt: Row = {
  name: "large-prompt",
  run: async (bench) => {
    const user = SENTENCE.repeat(Math.ceil(PROMPT_CHARACTERS / SENTENCE.length));
    const [median] = await measureTimes(bench, { model: "fast", user, connections: 1 }, [
      readLatency(0.5),
    ]);
    return [
      {
        name: "added time, prompt of 400 kB, p50",
        unit: "ms",
        ...readAdded(median),
        budget: { limit: 6, goal: 4, wants: "less" },
      },
    ];
  },
};
