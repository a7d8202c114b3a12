import type { ChatRequest, ReasoningDetail } from "@fairlead/openai";
import { describe, expect, it } from "vitest";
import { gatherStream, runStream } from "../shared/testing-public-stream.ts";
import { makeTarget } from "../shared/testing-target.ts";
import { createAnthropic } from "./index.ts";

const anthropic = createAnthropic({ hasModelList: true });
const target = makeTarget({ upstreamModel: "claude-sonnet-4-5" });

const signature = "EqoBCkgIARABGAIiQL+/aA==\u00e9";
const content = [
  { type: "thinking", thinking: "First, “look” at\n  the weather. ", signature },
  { type: "redacted_thinking", data: "Em0KAwgB/+==" },
  { type: "text", text: "I look it up." },
  { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Zürich", days: [1, 2] } },
  { type: "tool_use", id: "toolu_2", name: "time", input: {} },
];

/** The assistant message that a client sends back, in Anthropic's form again. */
function sendBack(message: Readonly<Record<string, unknown>>): unknown {
  const request = {
    messages: [
      { role: "user", content: "Weather?" },
      message,
      { role: "tool", tool_call_id: "toolu_1", content: "cold" },
      { role: "tool", tool_call_id: "toolu_2", content: "late" },
      { role: "user", content: "Well?" },
    ],
    reasoning: { max_tokens: 2_000 },
    max_tokens: 4_000,
  } as unknown as ChatRequest;
  const { body, droppedParameters } = anthropic.request(request, target);
  expect(droppedParameters).toEqual([]);
  const wire = JSON.parse(body);
  expect(wire.thinking).toEqual({ type: "enabled", budget_tokens: 2_000 });
  expect(wire.messages).toHaveLength(3);
  expect(wire.messages[2].content.map((block: { type: string }) => block.type)).toEqual([
    "tool_result",
    "tool_result",
    "text",
  ]);
  return wire.messages[1].content;
}

describe("Anthropic → canonical → Anthropic", () => {
  it("loses nothing of a whole answer", () => {
    const answer = anthropic.response(
      JSON.stringify({ id: "msg_1", model: "m", content, stop_reason: "tool_use", usage: {} }),
      target,
    );
    const message = answer.completion?.choices[0]?.message;
    expect(message?.tool_calls?.[0]?.function.arguments).toBe('{"city":"Zürich","days":[1,2]}');
    expect(sendBack({ ...message })).toEqual(content);
  });

  it("loses nothing of a streamed answer, even if the client merges no fragments", () => {
    const events = content.flatMap((block, index) => streamBlock(block, index));
    const translator = anthropic.stream(target);
    const gathered = gatherStream(
      runStream(translator, [
        '{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5}}}',
        '{"type":"ping"}',
        ...events.map((event) => JSON.stringify(event)),
        '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}',
        '{"type":"message_stop"}',
      ]),
    );
    expect(gathered.reasoning).toBe(content[0]?.thinking);
    expect(gathered.finishReasons).toEqual(["tool_calls"]);
    expect(translator.usage).toMatchObject({ promptTokens: 5, completionTokens: 9 });
    const message = {
      role: "assistant",
      content: gathered.text,
      reasoning_details: gathered.details as ReasoningDetail[],
      tool_calls: gathered.toolCalls,
    };
    expect(sendBack(message)).toEqual(content);
  });
});

/** The events of one block, its text cut in two. */
function streamBlock(block: Readonly<Record<string, unknown>>, index: number): object[] {
  const start = (value: object) => ({ type: "content_block_start", index, content_block: value });
  const delta = (value: object) => ({ type: "content_block_delta", index, delta: value });
  const stop = { type: "content_block_stop", index };
  const halves = (text: string) => [text.slice(0, 3), text.slice(3)];
  switch (block.type) {
    case "thinking":
      return [
        start({ type: "thinking", thinking: "" }),
        ...halves(String(block.thinking)).map((half) =>
          delta({ type: "thinking_delta", thinking: half }),
        ),
        delta({ type: "signature_delta", signature: block.signature }),
        stop,
      ];
    case "text":
      return [
        start({ type: "text", text: "" }),
        ...halves(String(block.text)).map((text) => delta({ type: "text_delta", text })),
        stop,
      ];
    case "tool_use":
      return [
        start({ ...block, input: {} }),
        ...halves(JSON.stringify(block.input)).map((half) =>
          delta({ type: "input_json_delta", partial_json: half }),
        ),
        stop,
      ];
    default:
      return [start(block), stop];
  }
}
