import type { ChatRequest } from "@fairlead/openai";
import { expect, it } from "vitest";
import { makeTarget } from "../shared/testing-target.ts";
import { convertRequest } from "./request.ts";

function convert(upstreamModel: string, chat: Partial<ChatRequest>) {
  const request = { messages: [{ role: "user", content: "Hi" }], ...chat } as ChatRequest;
  const converted = convertRequest(request, makeTarget({ upstreamModel, isStream: false }));
  return { wire: JSON.parse(converted.body), dropped: converted.droppedParameters };
}

const forced = {
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
  tool_choice: "required",
} as const;

it.each(["claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-7"])(
  "%s is not told to think before a forced tool, which it refuses",
  (model) => {
    const { wire, dropped } = convert(model, { ...forced, reasoning: { effort: "high" } });
    expect(wire.tool_choice).toEqual({ type: "any" });
    expect(wire.thinking).toBeUndefined();
    expect(wire.output_config).toBeUndefined();
    expect(dropped).toEqual(["reasoning"]);
  },
);

it.each(["claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"])(
  "%s, which thinks only when told to, is told nothing when it is not to",
  (model) => {
    const { wire, dropped } = convert(model, { reasoning: { enabled: false } });
    expect(wire.thinking).toBeUndefined();
    expect(dropped).toEqual([]);
  },
);

it.each([
  ["claude-sonnet-5", "disabled"],
  ["claude-haiku-5-5", "disabled"],
  ["claude-sonnet-5-5-20260928", "between_tools"],
])("%s is told not to think as %s", (model, type) => {
  const { wire, dropped } = convert(model, { reasoning: { enabled: false } });
  expect(wire.thinking).toEqual({ type });
  expect(dropped).toEqual([]);
});

it.each(["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"])(
  "%s, which cannot be made to call a tool, has the choice, and the client is told so",
  (model) => {
    const required = convert(model, { ...forced, reasoning: { effort: "high" } });
    expect(required.wire.tool_choice).toEqual({ type: "auto" });
    expect(required.wire.thinking).toMatchObject({ type: "adaptive" });
    expect(required.dropped).toEqual(["tool_choice"]);
    const named = { type: "function", function: { name: "f" } } as const;
    const one = convert(model, { ...forced, tool_choice: named, parallel_tool_calls: false });
    expect(one.wire.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
  },
);

it.each(["claude-fable-5", "claude-mythos-5", "claude-mythos-preview", "claude-opus-5-5"])(
  "%s cannot be told not to think, which it refuses, and the client is told so",
  (model) => {
    const { wire, dropped } = convert(model, { reasoning: { enabled: false } });
    expect(wire.thinking).toBeUndefined();
    expect(dropped).toEqual(["reasoning"]);
  },
);

it.each(["claude-opus-4-7", "claude-opus-4-8", "claude-sonnet-5", "claude-mythos-preview"])(
  "%s is sent no sampling parameters, which it refuses",
  (model) => {
    const sampling = { temperature: 0.2, top_p: 0.9, top_k: 40 };
    const { wire, dropped } = convert(model, { ...sampling, stop: ["END"] });
    expect(Object.keys(wire).filter((name) => /^(temperature|top_)/.test(name))).toEqual([]);
    expect(dropped.toSorted()).toEqual(["temperature", "top_k", "top_p"]);
    expect(wire.stop_sequences).toEqual(["END"]);
    expect(convert(model, { temperature: 1, top_p: 1 }).dropped).toEqual([]);
  },
);

it("an older model is sent them", () => {
  const { wire } = convert("claude-opus-4-6", { temperature: 0.2, top_k: 40 });
  expect(wire).toMatchObject({ temperature: 0.2, top_k: 40 });
});

it.each(["claude-opus-4-8", "claude-sonnet-5"])("%s takes both", (model) => {
  const { wire, dropped } = convert(model, { ...forced, reasoning: { effort: "high" } });
  expect(wire.tool_choice).toEqual({ type: "any" });
  expect(wire.thinking).toEqual({ type: "adaptive", display: "summarized" });
  expect(dropped).toEqual([]);
});

it.each([
  ["claude-opus-4-6", "minimal", "low"],
  ["claude-opus-4-6", "xhigh", "high"],
  ["claude-sonnet-4-6", "xhigh", "high"],
  ["claude-sonnet-4-6", "max", "max"],
  ["claude-opus-4-7", "xhigh", "xhigh"],
  ["claude-sonnet-5", "max", "max"],
  ["claude-mythos-preview", "xhigh", "xhigh"],
] as const)("%s takes effort %s as %s", (model, effort, expected) => {
  expect(convert(model, { reasoning: { effort } }).wire.output_config).toEqual({
    effort: expected,
  });
});
