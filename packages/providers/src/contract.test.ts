import { AppError, isErrorCode } from "@fairlead/errors";
import type { ChatRequest } from "@fairlead/openai";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderFaultInfo } from "./provider.ts";
import { providers, resolveProvider } from "./registry.ts";
import { gatherStream, runStream } from "./shared/testing-public-stream.ts";
import { makeTarget } from "./shared/testing-target.ts";

const all = [
  ...Object.entries(providers),
  ["some-openai-vendor", resolveProvider("some-openai-vendor", "openai")] as const,
  ["some-anthropic-vendor", resolveProvider("some-anthropic-vendor", "anthropic")] as const,
  ["some-gemini-vendor", resolveProvider("some-gemini-vendor", "gemini")] as const,
];

/** Fields that the gateway consumes; none may reach a provider, in any spelling. */
const chat: ChatRequest = {
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "SECRET-PROMPT" }] },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        {
          id: "call_1",
          type: "function",
          function: { name: "weather", arguments: '{"at":"Oslo"}' },
        },
      ],
    },
    { role: "tool", tool_call_id: "call_1", content: '{"celsius":-4}' },
  ],
  model: "author/model",
  models: ["other/model"],
  provider: { order: ["x"] },
  plugins: [{ id: "web" }],
  session_id: "session-77",
  usage: { include: true },
  trace: { trace_id: "trace-77" },
  route: "fallback",
  transforms: ["middle-out"],
  debug: { echo_upstream_body: true },
  max_tool_calls: 7_777,
  stop_server_tools_when: [],
  user: "alice@example.com",
  metadata: { team: "metadata-77" },
  temperature: 0.5,
  max_tokens: 100,
  stop: ["END"],
  tools: [
    {
      type: "function",
      function: { name: "weather", description: "Weather", parameters: { type: "object" } },
    },
  ],
  tool_choice: "auto",
};

function expectFault(fault: ProviderFaultInfo | undefined): void {
  expect(fault).toBeDefined();
  expect(isErrorCode(fault?.code)).toBe(true);
  expect(fault?.message.length).toBeGreaterThan(0);
  expect(fault?.message.length).toBeLessThanOrEqual(1_100);
  expect(Number.isInteger(fault?.retryAfterMs)).toBe(true);
}

describe.each(all)("%s", (slug, provider) => {
  it("sends the conversation and its tools, and nothing of the gateway's", () => {
    const request = provider.request(chat, makeTarget({ provider: slug, maxTokens: 50 }));
    expect(request.path).toMatch(/^\/[^ ]+$/);
    expect(request.headers["content-type"]).toBe("application/json");
    const body = JSON.parse(request.body);
    expect(request.body).toContain("SECRET-PROMPT");
    expect(request.body).toContain("Be brief.");
    expect(request.body).toContain("Oslo");
    expect(request.body).toContain("celsius");
    expect(`${request.path}${request.body}`).toContain("upstream-model");
    expect(request.body).not.toMatch(
      /alice|session-77|trace-77|metadata-77|middle-out|echo_upstream|7777|other\/model|author\/model|fallback/,
    );
    for (const field of ["models", "provider", "plugins", "usage", "route", "session_id"]) {
      expect(body).not.toHaveProperty(field);
    }
    // An empty list asks for nothing.
    expect(request.droppedParameters).toEqual(["plugins", "transforms", "debug", "max_tool_calls"]);
  });

  it("lets the gateway's limit replace the client's", () => {
    const { body } = provider.request(chat, makeTarget({ maxTokens: 50 }));
    expect(body).toMatch(/"(max_tokens|max_completion_tokens|maxOutputTokens)":50\b/);
    expect(body).not.toMatch(/:100\b/);
  });

  it("leaves out what the endpoint cannot take, and says so", () => {
    const target = makeTarget({ unsupportedParameters: ["temperature", "stop", "seed"] });
    const { body, droppedParameters } = provider.request(chat, target);
    expect(body).not.toMatch(/temperature|END/);
    expect(droppedParameters).toEqual(expect.arrayContaining(["stop", "temperature"]));
    expect(droppedParameters).not.toContain("seed");
  });

  it("accounts for every parameter: sent or reported", () => {
    const { body, droppedParameters } = provider.request(
      {
        messages: chat.messages,
        seed: 424_242,
        top_k: 424_243,
        min_p: 0.424_244,
        frequency_penalty: 0.424_245,
        logit_bias: { "1": 42 },
        prediction: { type: "content", content: "marker-1" },
        prompt_cache_key: "marker-2",
        safe_prompt: "marker-3",
      },
      makeTarget(),
    );
    const markers: Record<string, string> = {
      seed: "424242",
      top_k: "424243",
      min_p: "0.424244",
      frequency_penalty: "0.424245",
      logit_bias: '"1":42',
      prediction: "marker-1",
      prompt_cache_key: "marker-2",
      safe_prompt: "marker-3",
    };
    for (const [name, marker] of Object.entries(markers)) {
      expect(body.includes(marker) !== droppedParameters.includes(name), name).toBe(true);
    }
  });

  it("takes null for not set, wherever clients write it", () => {
    const nulls: Record<string, unknown> = {
      messages: [
        { role: "user", content: "x", name: null },
        {
          role: "assistant",
          content: null,
          tool_calls: null,
          reasoning_details: null,
          refusal: null,
        },
      ],
      reasoning: { effort: null, max_tokens: null, enabled: null },
      safe_prompt: null,
    };
    for (const name of Object.keys(chat)) {
      nulls[name] ??= null;
    }
    const request = provider.request(nulls as unknown as ChatRequest, makeTarget());
    expect(request.droppedParameters).toEqual([]);
    expect(request.body).not.toMatch(/temperature|"tools"|"stop|thinking|_effort|null: /);
  });

  it("asks for a stream where one is wanted", () => {
    const streamed = provider.request(chat, makeTarget({ isStream: true }));
    const whole = provider.request(chat, makeTarget({ isStream: false }));
    expect(`${streamed.path}${streamed.body}`).toMatch(/"stream":true|alt=sse/);
    expect(`${whole.path}${whole.body}`).not.toMatch(/"stream":true|alt=sse/);
  });

  it("keeps the credential in a header and out of the request", () => {
    const headers = provider.headers("test-credential");
    expect(Object.values(headers).join()).toContain("test-credential");
    expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
    expect(Object.values(provider.headers(undefined)).join()).not.toContain("undefined");
  });

  it.each([
    [400, "invalid_request", false, false],
    [401, "provider_unavailable", true, true],
    [402, "provider_unavailable", true, true],
    [404, "provider_unavailable", true, true],
    [413, "payload_too_large", false, false],
    [429, "rate_limit_exceeded", true, false],
    [500, "provider_unavailable", true, true],
    [503, "provider_overloaded", true, true],
    [529, "provider_overloaded", true, true],
  ])("judges status %d as %s", (status, code, isRetryable, isEndpointFault) => {
    for (const body of ["", "<html>", "null", "[]", '{"error":"x"}', '{"error":{"message":7}}']) {
      const fault = provider.error(status, { "retry-after": "2" }, body);
      expectFault(fault);
      expect(fault).toMatchObject({ code, isRetryable, isEndpointFault, retryAfterMs: 2_000 });
    }
  });

  it("never shows a client what a provider says of our credentials", () => {
    const body = JSON.stringify({ error: { message: "Incorrect API key provided: sk-abc123" } });
    expect(provider.error(401, {}, body).message).not.toMatch(/key|sk-/i);
  });

  it("takes an answer that cannot be read for a fault", () => {
    for (const body of ["", "null", "[]", "{", "{}", '{"choices":[]}', '{"candidates":7}', '"x"']) {
      expectFault(provider.response(body, makeTarget()).fault);
    }
  });

  it("takes a stream that cannot be read, or that ends early, for a fault", () => {
    for (const events of [[], ["{}"], ["nonsense"], ["[1]"], ['{"error":{"message":"x"}}']]) {
      const translator = provider.stream(makeTarget());
      expect(runStream(translator, events)).toBe("");
      expectFault(translator.fault);
      expect(translator.hasContent).toBe(false);
    }
  });

  it("knows an empty answer", () => {
    const translator = provider.stream(makeTarget());
    translator.push("[DONE]");
    translator.end();
    expect(translator.isEmpty).toBe(true);
  });

  it("has a probe that a healthy endpoint passes", () => {
    const probe = provider.probe(makeTarget());
    expect(probe.path.startsWith("/")).toBe(true);
    expectFault(probe.judge(500, {}, ""));
    expectFault(probe.judge(200, {}, "<html>"));
    if (probe.isFree) {
      expect(probe.judge(200, {}, '{"data":[{"id":"cut of')).toBeUndefined();
    }
  });

  it("survives any JSON in any event and answer", () => {
    const word = fc.constantFrom(
      ...["choices", "delta", "content", "tool_calls", "function", "arguments", "index", "usage"],
      ...["type", "content_block", "content_block_delta", "content_block_start", "text", "input"],
      ...["candidates", "parts", "functionCall", "args", "finishReason", "usageMetadata", "id"],
      ...["message", "error", "__proto__", "message_delta", "input_json_delta", "thinking", "name"],
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 6 },
        fc.oneof(word, fc.string(), fc.double(), fc.integer(), fc.constantFrom(null, true, "")),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.dictionary(word, tie("json"), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    const event = fc.oneof(
      json.map((value) => JSON.stringify(value) ?? ""),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), (events) => {
        const translator = provider.stream(makeTarget());
        const { finishReasons } = gatherStream(runStream(translator, events));
        expect(finishReasons.length > 0).toBe(translator.fault === undefined);
        expect(typeof translator.isEmpty).toBe("boolean");
        for (const body of events) {
          const answer = provider.response(body, makeTarget());
          expect(answer.fault === undefined).toBe(answer.completion !== undefined);
          expectFault(provider.error(418, {}, body));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("throws nothing but an AppError for a request that it cannot express", () => {
    const odd: ChatRequest = {
      messages: [
        { role: "user", content: [{ type: "video_url", video_url: { url: "https://x.y/z" } }] },
        {
          role: "user",
          content: [{ type: "input_audio", input_audio: { data: "A", format: "wav" } }],
        },
      ],
      tools: [{ type: "openrouter:web_search" }],
      n: 3,
    };
    try {
      provider.request(odd, makeTarget());
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).code).toBe("invalid_request");
      expect((error as AppError).param).toBeDefined();
    }
  });
});

describe("resolveProvider", () => {
  it("serves variants by their base and strangers by their dialect", () => {
    expect(resolveProvider("deepinfra/turbo", "openai")).toBe(providers.deepinfra);
    expect(resolveProvider("constructor", "openai").dialect).toBe("openai");
    expect(resolveProvider("openai", "anthropic").dialect).toBe("anthropic");
    expect(resolveProvider("minimax", "anthropic").baseUrl).toBeUndefined();
  });
});
