import { mintApiKey } from "@fairlead/kit";
import { create } from "@fairlead/proto/wire";
import {
  NoCandidate,
  type PlanRequest,
  PlanResponseSchema,
} from "@fairlead/proto/router/v1/router";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerWell, candidate, failWith } from "../test-platform/answers.test-helper.ts";
import { startPlatform, type TestPlatform } from "../test-platform/start-platform.test-helper.ts";

const body = { model: "acme/one", messages: [{ role: "user", content: "hi" }] };
const asked = { "x-openrouter-metadata": "enabled" };
const exclusions = [{ endpointId: "endpoint-off", provider: "off", model: "acme/one" }];

let platform: TestPlatform;
let planned: PlanRequest | undefined;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.state.generate = answerWell;
  platform.state.creditNano = 1_000_000_000n;
  platform.state.plan = (request) => {
    planned = request;
    return {
      candidates: [candidate("one"), candidate("two")],
      ...(request.explain && { exclusions }),
    };
  };
});

const whole = {
  requested: "acme/one",
  strategy: "direct",
  attempt: 1,
  endpoints: { total: 3 },
};

async function ask(more: object = {}, headers: Record<string, string> = asked) {
  const response = await platform.post({ ...body, ...more }, headers);
  return { status: response.status, text: await response.text() };
}

describe("openrouter_metadata", () => {
  it("is in an answer beside its usage", async () => {
    const answer = JSON.parse((await ask()).text);
    expect(answer).toMatchObject({ usage: { total_tokens: 15 }, openrouter_metadata: whole });
  });

  it.each([true, false])(
    "is whole JSON whatever providers and models are called, stream: %s",
    async (stream) => {
      const provider = { providerName: "Zürich Ģ日本" };
      platform.state.plan = () => ({ candidates: [candidate("one", provider)] });
      const models = ['a/öĢ日"}],', "acme/one"];
      const { text } = await ask({ stream, models });
      const json = stream ? (text.split("\n\n").at(-3)?.slice("data: ".length) ?? "") : text;
      expect(JSON.parse(json).openrouter_metadata).toMatchObject({
        requested: "acme/one",
        endpoints: { available: [{ provider: provider.providerName }] },
      });
    },
  );

  it("is in the last chunk of a stream", async () => {
    const events = (await ask({ stream: true })).text.split("\n\n");
    const last = JSON.parse(events.at(-3)?.slice("data: ".length) ?? "");
    expect(last).toMatchObject({ choices: [], openrouter_metadata: whole });
    expect(events.slice(0, -3).join()).not.toContain("openrouter_metadata");
  });

  it.each([[{}], [{ "x-openrouter-metadata": "disabled" }], [{ "x-openrouter-metadata": "true" }]])(
    "is left out, and its cost with it, unless it is asked for: %j",
    async (headers) => {
      const { text } = await ask({}, headers);
      expect(text).not.toContain("openrouter_metadata");
      expect(planned?.explain).toBe(false);
    },
  );

  it.each([
    [{ "x-openrouter-metadata": "Enabled" }],
    [{ "x-openrouter-experimental-metadata": "enabled" }],
  ])("is asked for in any case of letters, and by its older name: %j", async (headers) => {
    expect((await ask({}, headers)).text).toContain("openrouter_metadata");
  });

  it("shows the attempts that failed before", async () => {
    platform.state.generate = (request, call) =>
      request.attempt === 1 ? failWith(call, { httpStatus: 503 }) : answerWell(request, call);
    expect(JSON.parse((await ask()).text).openrouter_metadata).toMatchObject({
      attempt: 2,
      attempts: [{ status: 503 }, { status: 200 }],
    });
  });

  it("stands beside the error of a request that nobody answered", async () => {
    platform.state.generate = (_request, call) => failWith(call, { httpStatus: 503 });
    const { status, text } = await ask();
    expect(status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 502 },
      openrouter_metadata: { attempt: 2, attempts: [{ status: 503 }, { status: 503 }] },
    });
  });

  it("stands beside the error of a model that no endpoint is left for", async () => {
    const plan = { noCandidate: NoCandidate.CONSTRAINTS, exclusions, message: "none is left" };
    platform.state.plan = () => create(PlanResponseSchema, plan);
    expect(JSON.parse((await ask()).text)).toMatchObject({
      error: { code: 404 },
      openrouter_metadata: { attempt: 0, endpoints: { total: 1, available: [] } },
    });
  });

  it("stands beside the error of an account without credit", async () => {
    const text = mintApiKey("inference");
    platform.addKey(text, { keyId: "key-poor", accountId: "account-poor" });
    platform.state.creditNano = 0n;
    const { status, text: answer } = await ask({}, { ...asked, authorization: `Bearer ${text}` });
    expect(status).toBe(402);
    expect(JSON.parse(answer)).toMatchObject({ openrouter_metadata: { attempt: 0 } });
  });

  it("is in the chunk that tells of a failure in the middle", async () => {
    platform.state.generate = (_request, call) => {
      call.send({ event: { case: "start", value: {} } });
      call.send(Buffer.from('data: {"choices":[{"delta":{"content":"he"}}]}\n\n'));
      const fault = { code: "provider_unavailable", message: "cut" };
      call.send({ event: { case: "end", value: { finishReason: "error", fault } } });
      call.end();
    };
    const chunk = (await ask({ stream: true })).text.split("\n\n")[1] ?? "";
    expect(JSON.parse(chunk.slice("data: ".length))).toMatchObject({
      error: { code: 502 },
      openrouter_metadata: { attempt: 1 },
    });
  });

  it("is not told with an error of our own", async () => {
    const { leases } = platform.gateway;
    const tryHold = leases.tryHold.bind(leases);
    leases.tryHold = () => {
      throw new RangeError("planted");
    };
    const { status, text } = await ask();
    leases.tryHold = tryHold;
    expect(status).toBe(500);
    expect(text).not.toContain("openrouter_metadata");
  });
});
