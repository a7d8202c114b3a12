import { Outcome, UsageSource } from "@fairlead/proto/usage/v1/usage";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callGenerate, joinContent } from "../testing/call-generate.ts";
import { startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

let adapter: TestAdapter;
beforeEach(async () => {
  adapter = await startAdapter({ billGraceMs: 60_000 });
});
afterEach(() => adapter.close());

const options = { timeoutMs: 20_000 };
const dialects = ["simulated-openai", "simulated-anthropic", "simulated-gemini"] as const;

/** For the tests in which nobody acknowledges: the worker bills soon by itself. */
async function shortenGrace(): Promise<void> {
  await adapter.close();
  adapter = await startAdapter({ billGraceMs: 300 });
}

/** Waits until the worker has passed on that many upstream units of the only open generation. */
async function produced(units: number): Promise<void> {
  await expect
    .poll(() => [...adapter.worker.context.open.values()][0]?.outputEvents ?? 0)
    .toBe(units);
}

describe.each(dialects)("%s", (provider) => {
  it("bills an aborted answer for exactly what was produced", async () => {
    const run = callGenerate(adapter.link, "tokens=90 fault=stall:25", { provider });
    await produced(25);
    await adapter.link.client(AdapterService).abort({ generationId: run.id }, options);
    await run.ended;
    expect(run.error).toBeUndefined();
    await expect.poll(() => adapter.simulator.requests()[0]?.isClientGone).toBe(true);
    const [record] = adapter.simulator.requests();
    expect(run.end?.usage).toMatchObject({
      promptTokens: BigInt(record?.promptTokens ?? -1),
      completionTokens: BigInt(record?.completionTokensWritten ?? -1),
      source: UsageSource.COUNTED,
    });
    expect(adapter.worker.context.bills.size).toBe(1);
    await adapter.link
      .client(AdapterService)
      .acknowledgeUsage({ generationIds: [run.id] }, options);
    await adapter.worker.settle();
    expect(adapter.bills()).toEqual([]);
  });

  it("cut at any byte yields only whole events, a prefix of the text, and one end", async () => {
    const whole = joinContent(
      (await callGenerate(adapter.link, "tokens=30", { provider }).ended).text,
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6_000 }), fc.nat(40), async (byte, slice) => {
        const script = `tokens=30 fault=cut:${byte} slice=${slice + 3}`;
        const run = await callGenerate(adapter.link, script, { provider }).ended;
        const text = joinContent(run.text);
        expect(whole.startsWith(text)).toBe(true);
        expect([run.error, run.end].filter((it) => it !== undefined)).toHaveLength(1);
        if (run.error === undefined && run.end?.fault === undefined) {
          expect(text).toBe(whole);
        }
      }),
      { numRuns: 40 },
    );
  });
});

it("bills what a vanished gateway left open, once", async () => {
  await shortenGrace();
  const gateway = await adapter.connect();
  const run = callGenerate(gateway, "tokens=90 fault=stall:10");
  await produced(10);
  gateway.close();
  await expect.poll(() => adapter.bills().length).toBe(1);
  const [bill] = adapter.bills();
  const promptTokens = BigInt(adapter.simulator.requests()[0]?.promptTokens ?? -1);
  expect(bill).toMatchObject({
    generationId: run.id,
    outcome: Outcome.CANCELLED,
    tokens: { promptTokens, completionTokens: 10n, source: UsageSource.COUNTED },
    // 1,000 nano-USD a token
    costNano: (promptTokens + 10n) * 1_000n,
  });
  await expect.poll(() => adapter.simulator.requests()[0]?.isClientGone).toBe(true);
  expect(adapter.worker.context.open.size).toBe(0);
});

it("does not bill what was cancelled before its first content", async () => {
  const run = callGenerate(adapter.link, "fault=stall:0");
  await expect.poll(() => adapter.simulator.requests().length).toBe(1);
  run.call.cancel();
  await expect.poll(() => adapter.worker.context.open.size).toBe(0);
  await adapter.worker.settle();
  expect(adapter.bills()).toEqual([]);
});

it("bills a completed answer that nobody acknowledges, also when the bus is away for a while", async () => {
  await shortenGrace();
  adapter.bus.isRefusing = true;
  const run = await callGenerate(adapter.link, "tokens=12").ended;
  await expect.poll(() => adapter.worker.context.bills.size, { timeout: 10_000 }).toBe(0);
  adapter.bus.isRefusing = false;
  await expect.poll(() => adapter.bills().length, { timeout: 10_000 }).toBe(1);
  expect(adapter.bills()).toMatchObject([
    {
      generationId: run.id,
      outcome: Outcome.COMPLETED,
      finishReason: "stop",
      tokens: { completionTokens: 12n, source: UsageSource.PROVIDER },
    },
  ]);
});

it("bills a failure after content nothing", async () => {
  // Slow, for content that is read together with the failure is not passed on.
  await callGenerate(adapter.link, "tokens=12 rate=5 fault=error_after:5").ended;
  await adapter.worker.settle();
  expect(adapter.bills()).toMatchObject([{ outcome: Outcome.FAILED, costNano: 0n }]);
});

it("stops reading from the provider while the client does not read", async () => {
  const run = callGenerate(adapter.link, "fault=endless pack=16");
  await run.started;
  run.call.pause();
  const written = () => adapter.simulator.requests()[0]?.completionTokensWritten ?? 0;
  let before = -1;
  let stillTimes = 0;
  const countStillTimes = () => {
    stillTimes = written() === before ? stillTimes + 1 : 0;
    before = written();
    return stillTimes;
  };
  // Once may be a machine that stood still itself.
  await expect.poll(countStillTimes, { interval: 200, timeout: 20_000 }).toBe(5);
  const received = run.outputs.length;
  run.call.resume();
  await expect.poll(() => written(), { timeout: 20_000 }).toBeGreaterThan(before);
  await expect.poll(() => run.outputs.length).toBeGreaterThan(received);
  run.call.cancel();
});

it("waits with the end of a large answer until the client has read it", async () => {
  const prompt = "Größe 🚀 ".repeat(150_000).trim();
  const run = callGenerate(adapter.link, "echo=1", { isStream: false, prompt });
  run.call.pause();
  await expect.poll(() => adapter.simulator.requests()[0]?.outcome).toBe("completed");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(adapter.worker.context.open.size).toBe(1);
  run.call.resume();
  await run.ended;
  expect(run.error).toBeUndefined();
  expect(JSON.parse(`${run.text}}`).choices[0].message.content === prompt).toBe(true);
  expect(run.end?.usage?.source).toBe(UsageSource.PROVIDER);
});

it("bills a complete answer by the provider's count when its reader vanishes before the end", async () => {
  await shortenGrace();
  const gateway = await adapter.connect();
  const prompt = "word ".repeat(300_000).trim();
  const run = callGenerate(gateway, "echo=1", { isStream: false, prompt });
  // More than a call's window: the start is here, the end cannot be.
  await run.started;
  gateway.close();
  await expect.poll(() => adapter.bills().length).toBe(1);
  expect(adapter.bills()).toMatchObject([
    { generationId: run.id, tokens: { completionTokens: 300_000n, source: UsageSource.PROVIDER } },
  ]);
});

it("remembers a rate limit and asks the provider no more until it is over", async () => {
  const limited = "limit=1/60000 retry_after=30";
  await callGenerate(adapter.link, limited).ended;
  const refused = await callGenerate(adapter.link, limited).ended;
  expect(refused.fault).toMatchObject({ code: "rate_limit_exceeded", isEndpointFault: false });
  expect(refused.fault?.retryAfterMs).toBeGreaterThan(0);
  const asked = adapter.simulator.requests().length;
  const early = await callGenerate(adapter.link, limited).ended;
  expect(early.fault).toMatchObject({ code: "rate_limit_exceeded", isRetryable: true });
  expect(early.error?.retryAfterMs).toBeGreaterThan(0);
  expect(adapter.simulator.requests().length).toBe(asked);
});

it("looks at an endpoint for free, and says what is wrong with it", async () => {
  const client = adapter.link.client(AdapterService);
  const request = { endpointId: "e", model: "acme/sim", upstreamModel: "sim-fast" };
  for (const provider of dialects) {
    const up = await client.probe({ ...request, provider }, options);
    expect(up.fault?.message).toBeUndefined();
    expect(up.isUp).toBe(true);
  }
  const down = await client.probe({ ...request, provider: "unreachable" }, options);
  expect(down).toMatchObject({ isUp: false, fault: { code: "provider_unavailable" } });
  const unknown = await client.probe({ ...request, provider: "nobody" }, options);
  expect(unknown).toMatchObject({ isUp: false, fault: { isEndpointFault: false } });
});
