import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { afterEach, beforeEach, expect, it } from "vitest";
import { callGenerate } from "../testing/call-generate.ts";
import { startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

const script = "tokens=90 fault=stall:10";

let adapter: TestAdapter;
beforeEach(async () => {
  adapter = await startAdapter({ billGraceMs: 600_000 });
});
afterEach(() => adapter.close());

function disown(generationId: string, attempt: number): Promise<unknown> {
  const request = { disowned: [{ generationId, attempt }] };
  return adapter.link.client(AdapterService).acknowledgeUsage(request, { timeoutMs: 5_000 });
}

/** Closes the link that the attempts came over, and has everything billed that is to be billed. */
async function lose(gateway: { close(): void }): Promise<void> {
  gateway.close();
  await expect.poll(() => adapter.worker.context.open.size).toBe(0);
  await adapter.worker.settle();
}

it("bills nothing of an attempt that was disowned while its broken stream seemed open", async () => {
  const gateway = await adapter.connect();
  const run = callGenerate(gateway, script);
  await run.started;
  await disown(run.id, 1);
  await expect.poll(() => adapter.simulator.requests()[0]?.isClientGone).toBe(true);
  await lose(gateway);
  expect(adapter.bills()).toEqual([]);
});

it("bills nothing of an attempt that was disowned after its stream broke", async () => {
  const gateway = await adapter.connect();
  const run = callGenerate(gateway, script);
  await run.started;
  gateway.close();
  await expect.poll(() => adapter.worker.context.bills.size).toBe(1);
  await disown(run.id, 1);
  await adapter.worker.settle();
  expect(adapter.bills()).toEqual([]);
});

it("bills the next attempt of the same generation, however late the first is disowned", async () => {
  const gateway = await adapter.connect();
  const next = { generationId: "gen-1700000000-next", attempt: 2 };
  await callGenerate(gateway, script, { request: next }).started;
  await disown(next.generationId, 1);
  expect(adapter.worker.context.open.size).toBe(1);
  gateway.close();
  await expect.poll(() => adapter.worker.context.bills.size).toBe(1);
  await disown(next.generationId, 1);
  expect(adapter.worker.context.bills.size).toBe(1);
});
