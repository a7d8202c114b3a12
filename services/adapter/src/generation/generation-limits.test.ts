import { afterEach, expect, it } from "vitest";
import { callGenerate } from "../testing/call-generate.ts";
import { startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

let adapter: TestAdapter;
afterEach(() => adapter.close());

it("lets calls wait for a slot, refuses those beyond the queue and those that wait too long", async () => {
  adapter = await startAdapter({ concurrency: 1, queue: 2 });
  const limits = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 20_000 };
  const patient = { request: { timeouts: limits } };
  const impatient = { request: { timeouts: { ...limits, connectMs: 400 } } };
  // Has the only slot until long after the patience of the third.
  const first = callGenerate(adapter.link, "tokens=3 ttft=2500", patient);
  const second = callGenerate(adapter.link, "tokens=3", patient);
  const third = callGenerate(adapter.link, "tokens=3", impatient);
  const fourth = callGenerate(adapter.link, "tokens=3", patient);
  const overloaded = { code: "provider_overloaded", isRetryable: true, isEndpointFault: false };
  expect((await fourth.ended).fault).toMatchObject(overloaded);
  expect((await third.ended).fault).toMatchObject(overloaded);
  expect((await first.ended).error).toBeUndefined();
  expect((await second.ended).error).toBeUndefined();
  expect(adapter.simulator.requests()).toHaveLength(2);
});

it("refuses calls beyond its capacity", async () => {
  adapter = await startAdapter({ capacity: 1 });
  const first = callGenerate(adapter.link, "tokens=3 ttft=300");
  const second = await callGenerate(adapter.link, "tokens=3").ended;
  expect(second.error?.isRetryable).toBe(true);
  expect((await first.ended).error).toBeUndefined();
});

it("leaves nothing behind after calls of every sort", async () => {
  adapter = await startAdapter({ concurrency: 8, queue: 100 });
  const scripts = ["tokens=5", "fault=status:500", "fault=cut:700", "fault=refuse", "fault=empty"];
  const runs = Array.from({ length: 60 }, (_, index) =>
    callGenerate(adapter.link, scripts[index % scripts.length] ?? "", {
      isStream: index % 2 === 0,
    }),
  );
  runs[3]?.call.cancel();
  runs[10]?.call.cancel();
  await Promise.all(runs.map((run) => run.ended));
  const { context, bindings } = adapter.worker;
  const limit = bindings.get("simulated-openai")?.limit;
  await expect.poll(() => limit?.taken).toBe(0);
  expect(limit?.waiting).toBe(0);
  expect(context.open.size).toBe(0);
  expect(context.sweeper.size).toBe(0);
});
