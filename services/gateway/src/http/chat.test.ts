import { Outcome, UsageSource } from "@fairlead/proto/usage/v1/usage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerWell, candidate, endWell, failWith } from "../test-platform/answers.test-helper.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";
import type { GenerateCall } from "../test-platform/state.test-helper.ts";

const messages = [{ role: "user", content: "hi" }];
const body = { model: "acme/one", messages };
let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ abortGraceMs: 20_000 });
});
afterAll(() => platform.close());
beforeEach(() => {
  const { state } = platform;
  state.generate = answerWell;
  state.plan = () => ({ candidates: [candidate("one"), candidate("two")] });
  state.events.length = 0;
  state.generated.length = 0;
  state.aborted.length = 0;
});

describe("an answer", () => {
  it("is a JSON document with its usage and cost, and is billed once", async () => {
    const response = await platform.post(body);
    const answer = (await response.json()) as Record<string, unknown>;
    const id = response.headers.get("x-generation-id");
    expect(response.status).toBe(200);
    expect(id).toMatch(/^gen-\d{10}-[0-9A-Za-z]{20}$/);
    expect(answer).toMatchObject({
      id,
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.00002 },
    });
    const bill = await platform.bill();
    expect(bill).toMatchObject({
      generationId: id,
      accountId: "account-1",
      costNano: 20_000n,
      outcome: Outcome.COMPLETED,
      endpointId: "endpoint-one",
      upstreamId: "up-1",
    });
    expect(bill.leaseId).not.toBe("");
    await until(() => platform.state.acknowledged.includes(id ?? ""));
  });

  it("streams the worker's bytes, then one usage chunk and the end mark", async () => {
    const response = await platform.post({ ...body, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    const events = (await response.text()).split("\n\n");
    expect(events.slice(0, 2)).toEqual([
      'data: {"choices":[{"delta":{"content":"he"}}]}',
      'data: {"choices":[{"delta":{"content":"y"}}]}',
    ]);
    expect(events.slice(3)).toEqual(["data: [DONE]", ""]);
    expect(JSON.parse(events[2]?.slice(6) ?? "")).toMatchObject({
      id: response.headers.get("x-generation-id"),
      object: "chat.completion.chunk",
      model: "acme/one",
      provider: "ONE",
      choices: [],
      usage: { completion_tokens: 5, cost: 0.00002 },
    });
  });

  it("gives the worker the client's own body and leaves the limit to it", async () => {
    await (await platform.post(body)).text();
    const [request] = platform.state.generated;
    expect(JSON.parse(Buffer.from(request?.body ?? []).toString())).toEqual(body);
    expect(request?.maxTokens).toBe(0n);
    expect(request?.usageTemplate.length).toBeGreaterThan(50);
  });

  it("costs nothing when it is empty", async () => {
    platform.state.generate = (_request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from('{"choices":[]'));
      endWell(call, 0n, "");
    };
    await (await platform.post(body)).text();
    expect(await platform.bill()).toMatchObject({ costNano: 0n, outcome: Outcome.FAILED });
  });
});

describe("a failing provider", () => {
  it("is passed over before the first content", async () => {
    platform.state.generate = (request, call) =>
      request.provider === "one" ? failWith(call, {}) : answerWell(request, call);
    const response = await platform.post(body);
    expect(response.status).toBe(200);
    await response.text();
    const bill = await platform.bill();
    expect(bill).toMatchObject({ provider: "two", attempts: [{ provider: "one", status: 500 }] });
  });

  it("ends in one error with all attempts when every one failed, and costs nothing", async () => {
    platform.state.generate = (_request, call) =>
      failWith(call, { code: "rate_limit_exceeded", httpStatus: 429, retryAfterMs: 3_000 });
    const response = await platform.post(body);
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("3");
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 429, type: "rate_limit_error", param: null });
    expect(error.metadata).toMatchObject({
      previous_errors: [
        { provider: "one", code: "rate_limit_exceeded", status: 429 },
        { provider: "two", code: "rate_limit_exceeded", status: 429 },
      ],
    });
    expect(await platform.bill()).toMatchObject({ costNano: 0n, outcome: Outcome.FAILED });
    expect(platform.gateway.leases.totals().holds).toBe(0);
  });

  it("is reported in-band after content, without an end mark and for nothing", async () => {
    platform.state.generate = (_request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from("data: {}\n\n"));
      call.send({
        event: {
          case: "end",
          value: {
            finishReason: "error",
            usage: { promptTokens: 10n, completionTokens: 3n },
            fault: { code: "provider_unavailable", message: "cut", httpStatus: 0 },
          },
        },
      });
      call.end();
    };
    const response = await platform.post({ ...body, stream: true });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).not.toContain("[DONE]");
    const last = JSON.parse(text.split("\n\n")[1]?.slice(6) ?? "");
    expect(last).toMatchObject({
      error: { code: 502 },
      choices: [{ delta: { content: "" }, finish_reason: "error" }],
    });
    expect(await platform.bill()).toMatchObject({ costNano: 0n, outcome: Outcome.FAILED });
  });

  it("keeps a waiting client with comments and then reports in-band", async () => {
    const own = await startPlatform({ keepAliveMs: 80 });
    const called = Promise.withResolvers<GenerateCall>();
    own.state.generate = (_request, call) => called.resolve(call);
    // Resolves with the head, which the first comment sends: no content has come.
    const response = await own.post({ ...body, stream: true });
    expect(response.status).toBe(200);
    failWith(await called.promise, {});
    const text = await response.text();
    await own.close();
    expect(text).toMatch(/^: FAIRLEAD PROCESSING\n\n/);
    expect(text).toContain('"finish_reason":"error"');
  });
});

describe("a client that goes away", () => {
  const start = (reader: ReadableStreamDefaultReader<Uint8Array> | undefined) => reader?.read();

  it("pays for what the worker counted until then", async () => {
    platform.state.generate = (request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from("data: {}\n\n"));
      const timer = setInterval(() => {
        if (platform.state.aborted.includes(request.generationId)) {
          clearInterval(timer);
          const usage = { promptTokens: 10n, completionTokens: 2n, source: UsageSource.COUNTED };
          call.send({ event: { case: "end", value: { usage } } });
          call.end();
        }
      }, 5);
    };
    const response = await platform.post({ ...body, stream: true });
    const reader = response.body?.getReader();
    await start(reader);
    await reader?.cancel();
    const bill = await platform.bill();
    expect(bill).toMatchObject({ outcome: Outcome.CANCELLED, costNano: 14_000n });
    expect(platform.state.generated).toHaveLength(1);
    expect(platform.gateway.leases.totals().holds).toBe(0);
  });

  it("pays an estimate when the worker does not say", async () => {
    const own = await startPlatform({ abortGraceMs: 200 });
    let isCancelled = false;
    own.state.generate = (_request, call) => {
      call.onCancel(() => {
        isCancelled = true;
      });
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.alloc(400, "x"));
    };
    const response = await own.post({ ...body, stream: true });
    const reader = response.body?.getReader();
    await start(reader);
    await reader?.cancel();
    const bill = await own.bill();
    expect(bill).toMatchObject({
      outcome: Outcome.CANCELLED,
      tokens: { source: UsageSource.ESTIMATED, completionTokens: 2n },
    });
    await until(() => isCancelled);
    await own.close();
  });

  it("stops a request that has not begun to answer, and no other provider is tried", async () => {
    const { state } = platform;
    const called = Promise.withResolvers<GenerateCall>();
    state.generate = (_request, call) => called.resolve(call);
    const control = new AbortController();
    const pending = fetch(`${platform.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${platform.key}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      signal: control.signal,
    }).catch(() => undefined);
    const call = await called.promise;
    control.abort();
    await pending;
    await until(() => state.aborted.length === 1);
    failWith(call, {});
    expect(await platform.bill()).toMatchObject({ costNano: 0n });
    expect(state.generated).toHaveLength(1);
  });
});
