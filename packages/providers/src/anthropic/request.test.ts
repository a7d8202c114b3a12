import { AppError } from "@fairlead/errors";
import type { ChatRequest } from "@fairlead/openai";
import { describe, expect, it } from "vitest";
import type { Target } from "../provider.ts";
import { makeTarget } from "../shared/testing-target.ts";
import { readTraits } from "./model-traits.ts";
import { convertRequest } from "./request.ts";

const user = { role: "user", content: "Hi" } as const;
const tool = { type: "function", function: { name: "f", parameters: { type: "object" } } } as const;

function convert(
  chat: Omit<ChatRequest, "messages"> & Partial<ChatRequest>,
  upstreamModel = "claude-sonnet-4-5",
  limits: Pick<Target, "maxTokens" | "maxCompletionTokens"> = {},
) {
  const request = { messages: [user], ...chat } as ChatRequest;
  const target = makeTarget({ upstreamModel, isStream: false, ...limits });
  const converted = convertRequest(request, target);
  return { wire: JSON.parse(converted.body), dropped: converted.droppedParameters };
}

describe("Anthropic request", () => {
  it("gathers system messages, merges neighbours and keeps cache marks", () => {
    const mark = { type: "ephemeral", ttl: "1h" } as const;
    const { wire } = convert({
      messages: [
        { role: "system", content: [{ type: "text", text: "A", cache_control: mark }] },
        user,
        { role: "developer", content: "B" },
        {
          role: "user",
          content: [{ type: "text", text: "there", cache_control: mark }],
          name: "Al",
        },
        { role: "assistant", content: "Go on: " },
      ],
    });
    expect(wire).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 4_096,
      system: [
        { type: "text", text: "A", cache_control: mark },
        { type: "text", text: "B" },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Hi" },
            { type: "text", text: "Al: there", cache_control: mark },
          ],
        },
        { role: "assistant", content: [{ type: "text", text: "Go on:" }] },
      ],
    });
  });

  it("writes a speaker's name before the first words, whatever stands before them", () => {
    const image = { type: "image_url", image_url: { url: "https://x.y/a.png" } } as const;
    const { wire } = convert({
      messages: [{ role: "user", name: "Al", content: [image, { type: "text", text: "Hi" }] }],
    });
    expect(wire.messages[0].content[1]).toEqual({ type: "text", text: "Al: Hi" });
  });

  it("takes images and files by URL and inline", () => {
    const { wire } = convert({
      messages: [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "https://x.y/a.png" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            {
              type: "file",
              file: { filename: "a.pdf", file_data: "data:application/pdf;base64,BB" },
            },
            { type: "file", file: { file_data: "data:text/plain;base64,SGk=" } },
            { type: "file", file: { file_data: "https://x.y/a.pdf" } },
          ],
        },
      ],
    });
    const sources = wire.messages[0].content.map((block: { source: object }) => block.source);
    expect(sources).toEqual([
      { type: "url", url: "https://x.y/a.png" },
      { type: "base64", media_type: "image/png", data: "AAAA" },
      { type: "base64", media_type: "application/pdf", data: "BB" },
      { type: "text", media_type: "text/plain", data: "Hi" },
      { type: "url", url: "https://x.y/a.pdf" },
    ]);
  });

  it.each([
    ["auto", undefined, { type: "auto" }],
    ["auto", false, { type: "auto", disable_parallel_tool_use: true }],
    [undefined, false, { type: "auto", disable_parallel_tool_use: true }],
    [undefined, true, undefined],
    ["required", false, { type: "any", disable_parallel_tool_use: true }],
    ["none", undefined, { type: "none" }],
    [{ type: "function", function: { name: "f" } }, undefined, { type: "tool", name: "f" }],
  ] as const)("tool choice %j, parallel %s", (choice, parallel, expected) => {
    const { wire, dropped } = convert({
      tools: [tool],
      ...(choice === undefined ? {} : { tool_choice: choice }),
      ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
    });
    expect(wire.tool_choice).toEqual(expected);
    expect(dropped).toEqual([]);
  });

  it.each([
    // clamp(10000 × 0.5) and so on
    [{ effort: "medium" }, 10_000, { type: "enabled", budget_tokens: 5_000 }, []],
    [{ enabled: true }, 10_000, { type: "enabled", budget_tokens: 5_000 }, []],
    [{ effort: "minimal" }, 2_000, { type: "enabled", budget_tokens: 1_024 }, []],
    [{ effort: "max" }, 400_000, { type: "enabled", budget_tokens: 128_000 }, []],
    [{ max_tokens: 9_999_999 }, 3_000, { type: "enabled", budget_tokens: 2_999 }, []],
    [{ effort: "high" }, 500, undefined, ["reasoning"]],
    [{ effort: "none" }, 5_000, undefined, []],
  ] as const)("reasoning %j within %d tokens", (reasoning, maxTokens, thinking, expected) => {
    const { wire, dropped } = convert({ reasoning, max_tokens: maxTokens });
    expect(wire.thinking).toEqual(thinking);
    expect(wire.max_tokens).toBe(maxTokens);
    expect(dropped).toEqual(expected);
  });

  it.each([
    [{}, { maxCompletionTokens: 64_000 }, 64_000],
    [{ max_tokens: 90_000 }, { maxCompletionTokens: 64_000 }, 64_000],
    [{ max_tokens: 100 }, { maxCompletionTokens: 64_000 }, 100],
    [{}, { maxTokens: 700, maxCompletionTokens: 64_000 }, 700],
    [{}, { maxTokens: 0, maxCompletionTokens: 0 }, 4_096],
  ])("limits %j at %j to %d tokens", (chat, limits, expected) => {
    expect(convert(chat, undefined, limits).wire.max_tokens).toBe(expected);
  });

  it("tells newer models, which would think by themselves, not to", () => {
    const { wire, dropped } = convert({ reasoning: { effort: "none" } }, "claude-opus-5");
    expect(wire.thinking).toEqual({ type: "disabled" });
    expect(wire.output_config).toBeUndefined();
    expect(dropped).toEqual([]);
  });

  it("gives newer models an effort instead of a budget", () => {
    const { wire } = convert({ reasoning: { effort: "high" } }, "claude-opus-5");
    expect(wire.thinking).toEqual({ type: "adaptive", display: "summarized" });
    expect(wire.output_config).toEqual({ effort: "high" });
  });

  it.each([
    ["claude-opus-5", true],
    ["claude-sonnet-4-6", true],
    ["claude-opus-4.7", true],
    ["claude-opus-4-5-20251101", false],
    ["claude-sonnet-4-20250514", false],
    ["claude-3-5-haiku-20241022", false],
  ])("%s adapts: %s", (model, expected) => {
    expect(readTraits(model).isAdaptive).toBe(expected);
  });

  it("does not think where the dialect forbids it, and says so", () => {
    const forced = convert({
      tools: [tool],
      tool_choice: "required",
      reasoning: { enabled: true },
    });
    expect(forced.wire.thinking).toBeUndefined();
    expect(forced.dropped).toEqual(["reasoning"]);
    const thoughtless = convert({
      messages: [
        user,
        {
          role: "assistant",
          tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "" } }],
        },
        { role: "tool", tool_call_id: "1", content: "x" },
      ],
      reasoning: { enabled: true },
    });
    expect(thoughtless.wire.thinking).toBeUndefined();
    expect(thoughtless.dropped).toEqual(["reasoning"]);
  });

  it("reports what sampling it changes", () => {
    const { wire, dropped } = convert({ temperature: 1.5, top_p: 0.9, stop: ["\n", "END"] });
    expect(wire).toMatchObject({ temperature: 1, stop_sequences: ["END"] });
    expect(wire.top_p).toBeUndefined();
    expect(dropped).toEqual(["temperature", "top_p", "stop"]);
  });

  it("asks for schemas natively, with objects closed", () => {
    const { wire, dropped } = convert({
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "x",
          schema: { type: "object", properties: { a: { type: "object" } } },
        },
      },
    });
    expect(wire.output_config.format).toEqual({
      type: "json_schema",
      schema: {
        type: "object",
        properties: { a: { type: "object", additionalProperties: false } },
        additionalProperties: false,
      },
    });
    expect(dropped).toEqual([]);
    expect(convert({ response_format: { type: "json_object" } }).dropped).toEqual([
      "response_format",
    ]);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ["n", { n: 2 }],
    ["tools[0].type", { tools: [{ type: "openrouter:web_search" }] }],
    [
      "messages[0].content[0].type",
      {
        messages: [
          { role: "user", content: [{ type: "video_url", video_url: { url: "https://x" } }] },
        ],
      },
    ],
    [
      "messages[0].tool_calls[0].function.arguments",
      {
        messages: [
          {
            role: "assistant",
            tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{" } }],
          },
        ],
      },
    ],
  ])("refuses what it cannot express: %s", (param, chat) => {
    try {
      convert(chat);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).param).toBe(param);
    }
  });
});
