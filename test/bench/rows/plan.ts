import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@fairlead/kit";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { createLink, type Link, type RpcClient } from "@fairlead/rpc";
import { readCpu, subtractCpu } from "../measure/cpu.ts";
import { type Bench, type Figure, type Row, SkippedRow } from "./row.ts";

const CONCURRENCY = 64;
const CALLS = 20_000;
const TIMEOUT_MS = 5000;
const POLL_MS = 10;

type Router = RpcClient<typeof RouterService>;

/** What the router spends on a plan, its share of the link included, with the whole catalog. */
export const plan: Row = {
  name: "plan",
  run: async (bench) => {
    const address = bench.addresses.router;
    if (address === undefined) {
      throw new SkippedRow("the router's address is not known");
    }
    const logger = createLogger({ service: "bench", level: "warn" });
    const link = createLink(address, { logger });
    try {
      await waitUntilReady(link);
      return await measure(bench, link.client(RouterService));
    } finally {
      link.close();
    }
  },
};

async function waitUntilReady(link: Link): Promise<void> {
  const endsAt = performance.now() + TIMEOUT_MS;
  while (link.state !== "ready") {
    if (performance.now() > endsAt) {
      throw new Error(`the router at ${link.address} took no link`);
    }
    await sleep(POLL_MS);
  }
}

async function measure(bench: Bench, router: Router): Promise<readonly Figure[]> {
  const { models } = await router.listModels({}, { timeoutMs: TIMEOUT_MS });
  await callMany(router, CALLS / 4);
  const values: number[] = [];
  for (let round = 0; round < bench.options.rounds; round += 1) {
    const before = readCpu(bench.processes);
    await callMany(router, CALLS);
    values.push((subtractCpu(readCpu(bench.processes), before).get("router") ?? 0) / CALLS);
  }
  return [
    {
      name: "CPU of the router per plan",
      unit: "µs",
      values,
      budget: { limit: 50, goal: 50, wants: "less" },
      detail: { models: models.length },
    },
  ];
}

async function callMany(router: Router, calls: number): Promise<void> {
  let left = calls;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await router.plan(
        { models: ["simulated/fast"], promptTokens: 20n, maxTokens: 256n, accountId: "bench" },
        { timeoutMs: TIMEOUT_MS },
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}
