import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callGenerate, joinContent, parseChunks } from "../testing/call-generate.ts";
import { canary, startAdapter, type TestAdapter } from "../testing/start-adapter.ts";

let adapter: TestAdapter;
beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());
beforeEach(() => {
  adapter.simulator.reset();
  adapter.published.length = 0;
});

const dialects = ["simulated-openai", "simulated-anthropic", "simulated-gemini"] as const;

describe.each(dialects)("a whole answer of %s", (provider) => {
  it("is streamed as the public events, with its usage and nothing left to bill", async () => {
    const run = await callGenerate(adapter.link, "tokens=40", { provider }).ended;
    expect(run.error).toBeUndefined();
    const chunks = parseChunks(run.text);
    expect(chunks.length).toBe(41);
    expect(chunks[0]).toMatchObject({ id: run.id, model: "acme/sim", provider: "Simulated" });
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    const [record] = adapter.simulator.requests();
    expect(run.end?.finishReason).toBe("stop");
    expect(run.end?.fault).toBeUndefined();
    expect(run.end?.usage).toMatchObject({
      promptTokens: BigInt(record?.promptTokens ?? -1),
      completionTokens: 40n,
      source: UsageSource.PROVIDER,
    });
    expect(record?.id).toBe(`${run.id}-1`);
    expect(adapter.worker.context.open.size).toBe(0);
  });

  it("comes in one piece without its closing brace", async () => {
    const run = await callGenerate(adapter.link, "tokens=40", { provider, isStream: false }).ended;
    expect(run.error).toBeUndefined();
    const answer = JSON.parse(`${run.text}}`);
    expect(answer).toMatchObject({
      id: run.id,
      object: "chat.completion",
      model: "acme/sim",
      provider: "Simulated",
      choices: [{ finish_reason: "stop" }],
    });
    expect(answer.usage).toBeUndefined();
    expect(run.end?.usage).toMatchObject({
      completionTokens: 40n,
      source: UsageSource.PROVIDER,
    });
    expect(run.start?.upstreamId).not.toBe(run.id);
  });

  it("has its tokens estimated when the provider does not count", async () => {
    const run = await callGenerate(adapter.link, "tokens=40 fault=no_usage", { provider }).ended;
    const [record] = adapter.simulator.requests();
    expect(run.end?.fault).toBeUndefined();
    expect(run.end?.usage).toMatchObject({
      promptTokens: BigInt(record?.promptTokens ?? -1),
      completionTokens: 40n,
      source: UsageSource.ESTIMATED,
    });
  });
});

it("names what it left out", async () => {
  const run = await callGenerate(adapter.link, "", {
    body: { seed: 7 },
    request: { unsupportedParameters: ["seed"] },
  }).ended;
  expect(run.start?.droppedParameters).toEqual(["seed"]);
});

it("keeps the credential out of everything that leaves the process", async () => {
  const failing = `fault=status:401 message=${canary}`;
  const run = await callGenerate(adapter.link, failing).ended;
  expect(run.fault?.isRetryable).toBe(true);
  const seen = JSON.stringify([run.error, run.error?.message, run.fault?.message]);
  const told = JSON.stringify(adapter.published, (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  for (const text of [seen, told, adapter.logs.join("\n")]) {
    expect(text).not.toContain(canary);
  }
  expect(adapter.simulator.requests()[0]?.headers.keyTail).toBe(canary.slice(-4));
  expect(adapter.simulator.requests()[0]?.headers.traceparent).toBeUndefined();
});

it("passes an answer of megabytes on, in one piece or streamed", async () => {
  const words = "Größe 🚀 ".repeat(200_000).trim();
  const whole = await callGenerate(adapter.link, "echo=1", { isStream: false, prompt: words })
    .ended;
  expect(whole.error?.message).toBeUndefined();
  expect(JSON.parse(`${whole.text}}`).choices[0].message.content === words).toBe(true);

  const long = "🚀ß".repeat(400_000);
  const stream = await callGenerate(adapter.link, "echo=1", { prompt: `${long} ${long}` }).ended;
  expect(joinContent(stream.text) === `${long} ${long}`).toBe(true);
});

it.each([
  ["no JSON", "{", ""],
  ["no request", '{"messages":[{"role":"nobody","content":"x"}]}', "messages[0].role"],
])("refuses a body that is %s, wherever it would be sent", async (_what, body, param) => {
  const { error, fault } = await callGenerate(adapter.link, "", {
    request: { body: Buffer.from(body) },
  }).ended;
  expect(error?.code).toBe("invalid_request");
  expect(fault).toMatchObject({ isRetryable: false, isEndpointFault: false, param });
});

it("lets another endpoint take what this dialect cannot express", async () => {
  const { fault } = await callGenerate(adapter.link, "", {
    provider: "simulated-anthropic",
    body: { n: 2 },
  }).ended;
  expect(fault).toMatchObject({ code: "invalid_request", isRetryable: true, param: "n" });
});

it("takes nulls inside messages as what was not set", async () => {
  const messages = [{ role: "user", content: "Hi", name: null }];
  const run = await callGenerate(adapter.link, "", { body: { messages } }).ended;
  expect(run.error).toBeUndefined();
  const [record] = adapter.simulator.requests();
  const sent = JSON.parse(adapter.simulator.readBody(record?.sequence ?? 0)?.toString() ?? "");
  expect(sent.messages).toEqual([{ role: "user", content: "Hi" }]);
});

it("asks for as much as the model can say, and passes on what the catalog knows of it", async () => {
  await callGenerate(adapter.link, "", {
    provider: "simulated-anthropic",
    request: { maxCompletionTokens: 64_000n },
  }).ended;
  await callGenerate(adapter.link, "", {
    body: { reasoning: { effort: "none" } },
    request: { isReasoning: true },
  }).ended;
  const [limited, silent] = adapter.simulator
    .requests()
    .map(({ sequence }) => JSON.parse(adapter.simulator.readBody(sequence)?.toString() ?? ""));
  expect(limited.max_tokens).toBe(64_000);
  expect(silent.reasoning_effort).toBe("none");
});

it("refuses a provider without a credential and a second call of an id", async () => {
  const unknown = await callGenerate(adapter.link, "", { provider: "nobody" }).ended;
  expect(unknown.fault).toMatchObject({ isRetryable: true, isEndpointFault: false });
  const first = callGenerate(adapter.link, "tokens=3 ttft=300");
  const second = callGenerate(adapter.link, "", { request: { generationId: first.id } });
  expect((await second.ended).error?.code).toBe("conflict");
  expect(joinContent((await first.ended).text)).not.toBe("");
});
