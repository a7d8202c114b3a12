import type { ChatRequest } from "@fairlead/openai";
import { describe, expect, it } from "vitest";
import { providers } from "../registry.ts";
import { gatherStream, runStream } from "../shared/testing-public-stream.ts";
import { makeTarget } from "../shared/testing-target.ts";
import { createOpenAiCompatible } from "./index.ts";

const vendor = createOpenAiCompatible({ id: "test" });
const messages = [{ role: "user", content: "Hi" }] as const;

function convert(slug: string, chat: Partial<ChatRequest>, upstreamModel = "m") {
  const provider = providers[slug] ?? vendor;
  const request = provider.request({ messages, ...chat }, makeTarget({ upstreamModel }));
  return { wire: JSON.parse(request.body), dropped: request.droppedParameters };
}

const chunk = (delta: object, more: object = {}) =>
  JSON.stringify({ id: "u-1", model: "m-1", choices: [{ index: 0, delta, ...more }] });

function run(...events: string[]) {
  const translator = vendor.stream(makeTarget());
  const output = runStream(translator, events);
  return { translator, output, ...gatherStream(output) };
}

describe("requests of OpenAI's dialect", () => {
  it("spells the limit and the roles as the vendor does", () => {
    const chat: Partial<ChatRequest> = {
      messages: [{ role: "developer", content: "D" }, ...messages],
      max_tokens: 9,
    };
    expect(convert("openai", chat).wire).toMatchObject({
      max_completion_tokens: 9,
      messages: [{ role: "developer" }, {}],
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    const other = convert("togetherai", chat).wire;
    expect(other).toMatchObject({ max_tokens: 9, messages: [{ role: "system" }, {}] });
    expect(convert("mistral", chat).wire.stream_options).toBeUndefined();
  });

  it("leaves out what reasoning models refuse", () => {
    const chat = { temperature: 0.2, reasoning: { effort: "xhigh" } } as const;
    const early = convert("openai", chat, "o3-mini");
    expect(early.wire.temperature).toBeUndefined();
    expect(early.wire.reasoning_effort).toBe("high");
    expect(early.dropped).toEqual(["temperature"]);
    expect(convert("openai", chat, "gpt-5.2").wire).toMatchObject({
      temperature: 0.2,
      reasoning_effort: "xhigh",
    });
  });

  it.each([
    ["openai", "gpt-5.2", true, "none"],
    ["openai", "o3-mini", true, "low"],
    ["groq", "qwen/qwen3-32b", true, "none"],
    ["groq", "openai/gpt-oss-120b", true, "low"],
    ["xai", "grok-3-mini", true, "low"],
    ["mistral", "magistral-medium", true, undefined],
    ["openai", "gpt-4o", undefined, undefined],
  ] as const)(
    "turns reasoning off at %s's %s (reasons: %s) by %s",
    (slug, model, isKnown, sent) => {
      const target = makeTarget({ upstreamModel: model, ...(isKnown && { isReasoning: isKnown }) });
      const chat: ChatRequest = { messages, reasoning: { effort: "none" } };
      const request = (providers[slug] ?? vendor).request(chat, target);
      expect(JSON.parse(request.body).reasoning_effort).toBe(sent);
      expect(request.droppedParameters).toEqual([]);
    },
  );

  it("strips what is only canonical, unless the vendor takes it", () => {
    const mark = { type: "ephemeral" } as const;
    const chat: Partial<ChatRequest> = {
      messages: [
        { role: "user", content: [{ type: "text", text: "x", cache_control: mark }] },
        {
          role: "assistant",
          content: "y",
          reasoning: "thoughts",
          reasoning_details: [{ type: "reasoning.text", text: "thoughts" }],
        },
      ],
    };
    expect(convert("openai", chat).wire.messages).toEqual([
      { role: "user", content: [{ type: "text", text: "x" }] },
      { role: "assistant", content: "y" },
    ]);
    expect(convert("deepseek", chat).wire.messages[1]).toEqual({
      role: "assistant",
      content: "y",
      reasoning_content: "thoughts",
    });
    expect(convert("openrouter", chat).wire.messages).toEqual(chat.messages);
  });

  it("falls back from schemas to JSON and says so", () => {
    const request = vendor.request(
      {
        messages,
        response_format: { type: "json_schema", json_schema: { schema: {} } },
      },
      makeTarget({ unsupportedParameters: ["structured_outputs"] }),
    );
    expect(JSON.parse(request.body).response_format).toEqual({ type: "json_object" });
    expect(request.droppedParameters).toEqual(["structured_outputs"]);
  });

  it("passes a provider's own parameters and a __proto__ goes nowhere", () => {
    const chat = JSON.parse('{"safe_prompt":true,"__proto__":{"evil":1}}');
    const { wire } = convert("mistral", chat);
    expect(wire.safe_prompt).toBe(true);
    expect(JSON.stringify(wire)).not.toContain("evil");
  });
});

describe("streams of OpenAI's dialect", () => {
  it("holds back until there is content", () => {
    const translator = vendor.stream(makeTarget());
    expect(translator.push(chunk({ role: "assistant", content: "" }))).toBe("");
    expect(translator.push(chunk({ content: null }))).toBe("");
    expect(translator.hasContent).toBe(false);
    expect(translator.push(chunk({ content: "A" }))).toContain('"role":"assistant","content":"A"');
    expect(translator.hasContent).toBe(true);
  });

  it("writes the finish once, however often it comes", () => {
    const stop = chunk({}, { finish_reason: "stop" });
    const { finishReasons, text } = run(chunk({ content: "A" }), stop, stop, "[DONE]", stop);
    expect(text).toBe("A");
    expect(finishReasons).toEqual(["stop"]);
  });

  it.each([
    ["no choices", { choices: [] }],
    ["an empty delta", { choices: [{ index: 0, delta: {}, finish_reason: null }] }],
    ["a second finish", { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }],
  ])("swallows usage with %s", (_name, body) => {
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    const { translator, output, finishReasons } = run(
      JSON.stringify({ choices: [{ delta: { content: "A" } }], usage: { prompt_tokens: 7 } }),
      chunk({}, { finish_reason: "stop" }),
      JSON.stringify({ ...body, usage }),
      "[DONE]",
    );
    expect(output).not.toContain("usage");
    expect(finishReasons).toEqual(["stop"]);
    expect(translator.usage).toMatchObject({ promptTokens: 7, completionTokens: 3 });
  });

  const call = (fields: object, args: unknown, name?: string) => ({
    ...fields,
    function: { ...(name === undefined ? {} : { name }), arguments: args },
  });
  it.each<[string, object[][]]>([
    [
      "as OpenAI does",
      [
        [call({ index: 0, id: "a" }, "", "f")],
        [call({ index: 0 }, '{"x"')],
        [call({ index: 0 }, ":1}")],
        [call({ index: 1, id: "b" }, '{"x":1}', "g")],
      ],
    ],
    [
      "whole and without index",
      [[call({ id: "a" }, '{"x":1}', "f"), call({ id: "b" }, '{"x":1}', "g")]],
    ],
    [
      "all with index 0",
      [
        [call({ index: 0, id: "a" }, '{"x":1}', "f")],
        [call({ index: 0, id: "b" }, '{"x":1}', "g")],
      ],
    ],
    [
      "with objects for arguments",
      [[call({ index: 0, id: "a" }, { x: 1 }, "f")], [call({ index: 1, id: "b" }, { x: 1 }, "g")]],
    ],
    [
      "with the name repeated",
      [
        [call({ index: 0, id: "a" }, '{"x"', "f")],
        [call({ index: 0, id: "a" }, ":1}", "f")],
        [call({ index: 1, id: "b" }, '{"x":1}', "g")],
      ],
    ],
  ])("normalises tool calls sent %s", (_name, deltas) => {
    const { chunks, toolCalls, finishReasons, translator } = run(
      ...deltas.map((calls) => chunk({ tool_calls: calls })),
      chunk({}, { finish_reason: "stop" }),
    );
    expect(toolCalls).toEqual([
      { id: "a", type: "function", function: { name: "f", arguments: '{"x":1}' } },
      { id: "b", type: "function", function: { name: "g", arguments: '{"x":1}' } },
    ]);
    expect(finishReasons).toEqual(["tool_calls"]);
    expect(translator.nativeFinishReason).toBe("stop");
    const parts = chunks.flatMap(({ choices }) => choices.flatMap((c) => c.delta.tool_calls ?? []));
    expect(parts.filter(({ id }) => id !== undefined)).toHaveLength(2);
    expect(parts.every(({ index }) => Number.isInteger(index))).toBe(true);
  });

  it("makes ids for calls that have none", () => {
    const { toolCalls } = run(
      chunk({ tool_calls: [{ function: { name: "f", arguments: "{}" } }] }),
      chunk({ tool_calls: [{ function: { name: "f", arguments: "{}" } }] }),
      "[DONE]",
    );
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
  });

  it("tells errors in-band by their status", () => {
    const { translator, output } = run(
      chunk({ content: "A" }),
      '{"error":{"code":429,"message":"slow down"},"choices":[{"finish_reason":"error"}]}',
      chunk({ content: "B" }),
    );
    expect(translator.fault).toMatchObject({ code: "rate_limit_exceeded", isEndpointFault: false });
    expect(output).not.toContain("B");
    expect(output).not.toContain('finish_reason":"error');
  });

  it("does not take a cut for an end", () => {
    const { translator } = run(chunk({ content: "A" }));
    expect(translator.fault?.message).toContain("too early");
  });

  it("keeps several choices apart", () => {
    const { output } = run(
      '{"choices":[{"index":1,"delta":{"content":"B"}}]}',
      '{"choices":[{"index":0,"delta":{"content":"A"}}]}',
      '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]}',
      "[DONE]",
    );
    const finishes = [
      ...output.matchAll(/"index":(\d),"delta":\{"content":""\},"finish_reason":"(\w+)"/g),
    ];
    expect(finishes.map(([, index, reason]) => [index, reason])).toEqual([
      ["0", "stop"],
      ["1", "length"],
    ]);
  });

  it("hides reasoning that is excluded, but knows that something was produced", () => {
    const translator = vendor.stream(makeTarget({ isReasoningExcluded: true }));
    const events = [chunk({ reasoning: "hm" }), chunk({}, { finish_reason: "stop" })];
    expect(runStream(translator, events)).not.toContain("hm");
    expect(translator.isEmpty).toBe(false);
  });
});
