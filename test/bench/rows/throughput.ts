import { sum } from "../measure/cpu.ts";
import { divideCpu, measureCpu } from "./measure-cpu.ts";
import type { Bench, Figure, Row } from "./row.ts";
import { runChat } from "./run-job.ts";

const CONNECTIONS = 32;
/** The compilers of five processes are busy for that long; before it, a figure is one of theirs. */
const WARM_UP_MS = 20_000;

/** Small requests as fast as they go, not streamed. */
export const throughput: Row = {
  name: "throughput",
  run: async (bench) => {
    const job = {
      model: "fast",
      user: "Is Santa real? Explain it to a child of five, in three sentences.",
      connections: CONNECTIONS,
    };
    await runChat(bench, bench.bare, { ...job, durationMs: WARM_UP_MS / 4 });
    await runChat(bench, bench.platform, { ...job, durationMs: WARM_UP_MS });
    const rounds = await measureRounds(bench, job);
    return [
      {
        name: "throughput, 32 connections",
        unit: "requests/s",
        values: rounds.map(({ rate }) => rate),
        direct: rounds.map(({ directRate }) => directRate),
        bare: rounds.map(({ bareRate }) => bareRate),
        budget: { limit: 3500, goal: 4000, wants: "more" },
      },
      {
        name: "CPU per request",
        unit: "µs",
        values: rounds.map(({ cpu, count }) => sum(cpu) / count),
        bare: rounds.map(({ bareCpu }) => bareCpu),
        budget: { limit: 450, goal: 300, wants: "less" },
        detail: divideCpu(rounds),
      },
    ] satisfies Figure[];
  },
};

async function measureRounds(
  bench: Bench,
  job: { readonly model: string; readonly user: string; readonly connections: number },
) {
  const durationMs = bench.options.seconds * 1000;
  const rounds = [];
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const direct = await runChat(bench, bench.direct, { ...job, durationMs: durationMs / 2 });
    const bare = await measureCpu(bench.bareProcesses, () =>
      runChat(bench, bench.bare, { ...job, durationMs }),
    );
    const { result, cpu } = await measureCpu(bench.processes, () =>
      runChat(bench, bench.platform, { ...job, durationMs }),
    );
    rounds.push({
      rate: (result.requests * 1000) / result.elapsedMs,
      bareRate: (bare.result.requests * 1000) / bare.result.elapsedMs,
      bareCpu: sum(bare.cpu) / bare.result.requests,
      directRate: (direct.requests * 1000) / direct.elapsedMs,
      cpu,
      count: result.requests,
    });
  }
  return rounds;
}
