import type OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { openAi, readUpstreamBody } from "../support/clients.ts";

const client = openAi();
const tool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
  },
} as const satisfies OpenAI.ChatCompletionTool;

interface Reasoned extends OpenAI.ChatCompletionMessage {
  readonly reasoning?: string;
  readonly reasoning_details?: readonly Record<string, unknown>[];
}

/** What the simulator signs with, in each dialect that has signatures. */
const signatures = { thinking: btoa("simulated-signature"), call: btoa("simulated-thought") };

function ask(text: string, script: string): OpenAI.ChatCompletionMessageParam {
  return { role: "user", content: `${text}\nsimulator: ${script}` };
}

/** A turn that thinks and calls a tool, and the next one with all of it handed back. */
async function talk(model: string) {
  const reasoning = { reasoning: { effort: "low" } } as object;
  const question = ask("Think.", "tools=1 reasoning=10");
  const first = await client.chat.completions.create({
    model,
    messages: [question],
    tools: [tool],
    ...reasoning,
  });
  const message = first.choices[0]?.message as Reasoned;
  const [call] = message.tool_calls ?? [];
  const result = { role: "tool" as const, tool_call_id: call?.id ?? "", content: "21" };
  const second = await client.chat.completions.create({
    model,
    messages: [question, message, result, ask("Go on.", "tokens=2")],
    tools: [tool],
    ...reasoning,
  });
  expect(second.choices[0]?.finish_reason).toBe("stop");
  return { message, sent: await readUpstreamBody(second.id) };
}

describe("reasoning that goes back to its model", () => {
  it("is the signed thinking block of Anthropic, unchanged and before the call", async () => {
    const { message, sent } = await talk("simulated/claude");
    expect(message.reasoning_details).toEqual([
      expect.objectContaining({ text: message.reasoning, signature: signatures.thinking }),
    ]);
    const { messages } = sent as { messages: { role: string; content: unknown }[] };
    expect(messages.find(({ role }) => role === "assistant")?.content).toEqual([
      { type: "thinking", thinking: message.reasoning, signature: signatures.thinking },
      expect.objectContaining({ type: "tool_use", name: "get_weather" }),
    ]);
  });

  it("is the signature of Gemini's call, on that call", async () => {
    const { message, sent } = await talk("simulated/gemini");
    expect(message.reasoning_details).toContainEqual(
      expect.objectContaining({ data: signatures.call, id: message.tool_calls?.[0]?.id }),
    );
    const { contents } = sent as { contents: { role: string; parts: unknown[] }[] };
    expect(contents.find(({ role }) => role === "model")?.parts).toContainEqual({
      functionCall: expect.objectContaining({ name: "get_weather" }),
      thoughtSignature: signatures.call,
    });
  });

  it("stays out of what OpenAI is sent, which knows no such field", async () => {
    const { message, sent } = await talk("simulated/slow");
    expect(message.reasoning).toMatch(/\S/);
    const { messages } = sent as { messages: { role: string }[] };
    const assistant = messages.find(({ role }) => role === "assistant");
    expect(assistant).toMatchObject({ tool_calls: [{ function: { name: "get_weather" } }] });
    expect(Object.keys(assistant ?? {}).filter((name) => name.includes("reasoning"))).toEqual([]);
  });
});
