import type { AttemptBatch } from "@fairlead/proto/events/v1/events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callGenerate, type GenerateOptions, joinContent } from "../testing/call-generate.ts";
import { startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

let adapter: TestAdapter;
beforeAll(async () => {
  adapter = await startAdapter({ limits: { sseLineMax: 50_000, jsonBytesMax: 50_000 } });
});
afterAll(() => adapter.close());
beforeEach(() => {
  adapter.simulator.reset();
  adapter.published.length = 0;
});

const patient = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 25_000 };
const dialects = ["simulated-openai", "simulated-anthropic", "simulated-gemini"];
const shapes = dialects.flatMap((provider) => [
  { provider, isStream: true },
  { provider, isStream: false },
]);

/** Only what waits in vain has a short deadline: on a busy machine all else may take long. */
function timeoutsFor(script: string, isStream: boolean) {
  if (/fault=(hang|stall:0)/.test(script) || (/fault=stall/.test(script) && !isStream)) {
    return { ...patient, firstTokenMs: 150, totalMs: 600 };
  }
  return /fault=stall/.test(script) ? { ...patient, idleMs: 1_000 } : patient;
}

type Changes = Partial<{ endpointId: string; timeouts: typeof patient }>;

function call(script: string, options: Omit<GenerateOptions, "request">, changes: Changes = {}) {
  const timeouts = timeoutsFor(script, options.isStream ?? true);
  return callGenerate(adapter.link, script, { ...options, request: { timeouts, ...changes } })
    .ended;
}

describe.each(shapes)("$provider, stream $isStream", ({ provider, isStream }) => {
  it.each([
    ["status:400", false, false],
    ["status:413", false, false],
    ["status:422", false, false],
    ["status:401", true, true],
    ["status:402", true, true],
    ["status:403", true, true],
    ["status:404", true, true],
    ["status:408", true, true],
    ["status:429", true, false],
    ["status:500", true, true],
    ["status:502", true, true],
    ["status:503", true, true],
    ["status:529", true, true],
    ["refuse", true, true],
    ["reset", true, true],
    ["empty", true, true],
    ["garbage", true, true],
    ["hang", true, true],
    ["huge_header:40000", true, true],
    ["cut:0", true, true],
    ["cut:20", true, true],
  ])(
    "%s fails before content: retryable %s, the endpoint's fault %s",
    async (fault, isRetryable, isEndpointFault) => {
      const run = await call(`fault=${fault}`, { provider, isStream });
      expect(run.error).toBeDefined();
      expect(run.start).toBeUndefined();
      expect(run.text).toBe("");
      expect(run.fault).toMatchObject({ isRetryable, isEndpointFault });
      expect(run.error?.code).toBe(run.fault?.code);
      expect(adapter.worker.context.open.size).toBe(0);
    },
  );

  it.each(["error_first", "stall:0", "malformed:0", "huge_line:200000"])(
    "%s fails before content",
    async (fault) => {
      const run = await call(`fault=${fault}`, { provider, isStream });
      expect(run.start).toBeUndefined();
      expect(run.fault).toMatchObject({ isRetryable: true, isEndpointFault: true });
    },
  );

  it.runIf(isStream)("role_only is no content", async () => {
    const run = await call("fault=role_only", { provider, isStream });
    expect(run.fault).toMatchObject({ code: "provider_unavailable", isRetryable: true });
  });

  it.each(["error_after:3", "stall:3", "malformed:3", isStream ? "cut:1500" : "cut:200"])(
    "%s after content ends a stream with a fault, and an answer in one piece not at all",
    async (fault) => {
      // Slow, for content that is read together with the fault is not passed on.
      const rate = isStream ? 3 : 0;
      const run = await call(`tokens=60 rate=${rate} fault=${fault}`, { provider, isStream });
      if (!isStream) {
        expect(run.start).toBeUndefined();
        expect(run.fault?.isRetryable).toBe(true);
        return;
      }
      expect(run.error).toBeUndefined();
      expect(run.start).toBeDefined();
      expect(joinContent(run.text)).not.toBe("");
      expect(run.end?.finishReason).toBe("error");
      expect(run.end?.fault).toMatchObject({ isRetryable: true, isEndpointFault: true });
      expect(run.end?.usage?.completionTokens).toBeGreaterThan(0n);
      expect(adapter.worker.context.bills.size).toBeGreaterThan(0);
    },
  );
});

it("cannot reach a port where nobody listens", async () => {
  const run = await call("", { provider: "unreachable" });
  expect(run.fault).toMatchObject({ code: "provider_unavailable", providerCode: "ECONNREFUSED" });
});

it("tells when the provider is too slow for its deadlines", async () => {
  const late = await call("ttft=20000", {}, { timeouts: { ...patient, firstTokenMs: 3_000 } });
  expect(late.fault).toMatchObject({ code: "provider_timeout", httpStatus: 200 });
  const timeouts = { ...patient, totalMs: 3_000 };
  const endless = await call("fault=endless rate=200", {}, { timeouts });
  expect(endless.end?.fault?.code).toBe("provider_timeout");
});

it("keeps an answer whose end mark alone is missing", async () => {
  const run = await call("tokens=5 fault=no_end", {});
  expect(run.end?.finishReason).toBe("stop");
  expect(run.end?.fault).toBeUndefined();
});

it("reports failures at once and successes a moment later", async () => {
  // Of no other test, whose attempts may still be gathered.
  const endpointId = "fedcba9876543210";
  const subject = `fairlead.attempt.v1.${endpointId}`;
  const attempts = () =>
    adapter.published
      .filter((it) => it.subject === subject)
      .flatMap(({ message }) => (message as AttemptBatch).attempts);
  await call("tokens=3", {}, { endpointId });
  await expect.poll(() => attempts().length).toBe(1);
  await call("fault=status:500", {}, { endpointId });
  expect(attempts()).toMatchObject([
    { isSuccess: true, completionTokens: 3n },
    { isSuccess: false, fault: { httpStatus: 500 } },
  ]);
});
