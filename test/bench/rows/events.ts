import { sum } from "../measure/cpu.ts";
import { divideCpu, measureCpu } from "./measure-cpu.ts";
import type { Budget, Row } from "./row.ts";
import { type ChatJob, runChat } from "./run-job.ts";

/** Streams of 100 events, back to back, each as fast as it comes. */
export const bursts: Row = createEventsRow(
  "bursts",
  "CPU per event, bursts (8 streams)",
  { user: "simulator: tokens=100", connections: 8 },
  { limit: 15, goal: 12, wants: "less" },
);

/** Streams as models write them: an event each 20 ms. */
export const paced: Row = createEventsRow(
  "paced",
  "CPU per event, paced (16 streams)",
  { user: "simulator: tokens=100 rate=50", connections: 16 },
  { limit: 80, goal: 60, wants: "less" },
);

function createEventsRow(
  name: string,
  title: string,
  shape: Pick<ChatJob, "user" | "connections">,
  budget: Budget,
): Row {
  return {
    name,
    run: async (bench) => {
      const durationMs = bench.options.seconds * 1000;
      const job = { ...shape, model: "fast", isStream: true, durationMs };
      const rounds = [];
      const bare: number[] = [];
      for (const target of [bench.bare, bench.platform]) {
        await runChat(bench, target, { ...job, durationMs: durationMs / 2 });
      }
      for (let round = 0; round < bench.options.rounds; round += 1) {
        const least = await measureCpu(bench.bareProcesses, () => runChat(bench, bench.bare, job));
        bare.push(sum(least.cpu) / least.result.events);
        const { result, cpu } = await measureCpu(bench.processes, () =>
          runChat(bench, bench.platform, job),
        );
        rounds.push({ cpu, count: result.events });
      }
      return [
        {
          name: title,
          unit: "µs",
          values: rounds.map(({ cpu, count }) => sum(cpu) / count),
          bare,
          budget,
          detail: divideCpu(rounds),
        },
      ];
    },
  };
}
