import { connectBus, streams, subjects } from "@fairlead/bus";
import { createLogger } from "@fairlead/kit";
import { AttemptBatchSchema, WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { Outcome, UsageBatchSchema, type UsageEvent } from "@fairlead/proto/usage/v1/usage";
import { startNats } from "@fairlead/testing";
import { expect, it } from "vitest";
import { Announcer } from "./events/announcer.ts";
import { callGenerate } from "./testing/call-generate.ts";
import { startAdapter } from "./testing/start-adapter.ts";

it("announces itself, reports attempts and bills orphans over a real bus", async () => {
  const nats = await startNats();
  const logger = createLogger({ service: "adapter", level: "silent" });
  const bus = await connectBus({ url: nats.url, name: "adapter-test", logger });
  await bus.ensureStreams(1);
  const adapter = await startAdapter({ bus });
  const announcer = new Announcer({
    bus,
    worker: "adapter-test",
    pool: "default",
    address: adapter.link.address,
    capacity: 10,
    providers: () => adapter.worker.bindings.slugs,
    inFlight: () => adapter.worker.context.open.size,
  });
  try {
    const workers: string[][] = [];
    const attempts: boolean[] = [];
    const bills: UsageEvent[] = [];
    bus.subscribe(WorkerAnnouncementSchema, subjects.worker, (it) => workers.push(it.providers));
    bus.subscribe(AttemptBatchSchema, subjects.allAttempts, (batch) =>
      attempts.push(...batch.attempts.map((attempt) => attempt.isSuccess)),
    );
    bus.follow(
      UsageBatchSchema,
      { stream: streams.usage, subjects: [subjects.allUsage], sinceMs: 0 },
      (batch) => bills.push(...batch.events),
    );
    announcer.start();
    await expect.poll(() => workers.length).toBeGreaterThan(0);
    expect(workers[0]).toContain("simulated-openai");

    const gateway = await adapter.connect();
    const whole = callGenerate(gateway, "tokens=4");
    await whole.ended;
    const cut = callGenerate(gateway, "tokens=90 fault=stall:10");
    await cut.started;
    gateway.close();
    await callGenerate(adapter.link, "fault=status:500").ended;
    // The worker has seen that its gateway is gone.
    await expect.poll(() => adapter.worker.context.open.size).toBe(0);
    await adapter.worker.settle();

    await expect.poll(() => bills.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    const outcomes = new Map(bills.map((bill) => [bill.generationId, bill.outcome]));
    expect(outcomes.get(whole.id)).toBe(Outcome.COMPLETED);
    expect(outcomes.get(cut.id)).toBe(Outcome.CANCELLED);
    expect(bills.every((bill) => bill.costNano > 0n)).toBe(true);
    await expect.poll(() => attempts.toSorted()).toEqual([false, false, true]);
  } finally {
    announcer.close();
    await adapter.close();
    await bus.close();
    await nats.stop();
  }
});
