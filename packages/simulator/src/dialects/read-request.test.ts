import { describe, expect, it } from "vitest";
import { Refusal } from "./refusal.ts";
import { dialects } from "./registry.ts";

const user = { role: "user", content: "hi" };
const gemini = (body: object) => dialects.gemini.readRequest(body, "sim:generateContent", "");
const openai = (body: object) =>
  dialects.openai.readRequest({ model: "sim", messages: [user], ...body }, "", "");
const anthropic = (body: object) =>
  dialects.anthropic.readRequest(
    { model: "sim", max_tokens: 9, messages: [user], ...body },
    "",
    "",
  );

function expectRefusal(run: () => unknown, message: RegExp): void {
  expect(run).toThrow(Refusal);
  expect(run).toThrow(message);
}

describe("OpenAI requests", () => {
  it("measures all text and finds the last user message", () => {
    const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
    const parsed = openai({
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: "system", content: "1234" },
        { role: "user", content: [{ type: "text", text: "12345678" }] },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "c", content: "12" },
      ],
    });
    // 4 + 8 + 2 (arguments) + 2 (tool result)
    expect(parsed).toMatchObject({ promptCharacters: 16, lastUserText: "12345678" });
    expect(parsed).toMatchObject({ isStream: true, wantsStreamUsage: true });
  });

  it.each([
    [{ messages: [] }, /empty array/],
    [{ messages: [{ role: "robot", content: "" }] }, /Invalid value: 'robot'/],
    [{ messages: [user, { role: "tool", tool_call_id: "x" }] }, /must be a response/],
    [{ messages: [{ role: "assistant", tool_calls: [{ id: "a" }] }] }, /did not have response/],
    [{ models: ["a", "b"] }, /Unknown parameter: 'models'/],
    [{ provider: {} }, /Unknown parameter: 'provider'/],
    [{ temperature: 3 }, /'temperature'/],
    [{ max_tokens: 0 }, /max_tokens/],
    [{ stream: "yes" }, /expected a boolean/],
    [{ stream_options: { include_usage: true } }, /only allowed when 'stream'/],
    [{ tool_choice: "auto" }, /only allowed when 'tools'/],
    [{ tools: [{ type: "function" }] }, /tools\[0\].function.name/],
    [{ response_format: { type: "json_schema" } }, /json_schema.name/],
  ])("refuses %j", (body, message) => {
    expectRefusal(() => openai(body), message);
  });
});

describe("Anthropic requests", () => {
  const use = { type: "tool_use", id: "t", name: "f", input: {} };
  const result = { type: "tool_result", tool_use_id: "t", content: "ok" };

  it("counts system text and tool text", () => {
    const parsed = anthropic({
      system: [{ type: "text", text: "12345" }],
      messages: [user, { role: "assistant", content: [use] }, { role: "user", content: [result] }],
    });
    // 5 (system) + 2 ("hi") + 2 ("{}") + 2 ("ok")
    expect(parsed).toMatchObject({ promptCharacters: 11, lastUserText: "hi" });
  });

  it.each([
    [{ max_tokens: undefined }, /max_tokens: Field required/],
    [{ messages: [{ role: "system", content: "x" }] }, /Unexpected role "system"/],
    [{ messages: [{ role: "assistant", content: "x" }] }, /first message must use/],
    [{ messages: [{ role: "user", content: [{ type: "text", text: "" }] }] }, /non-empty/],
    [{ messages: [user, { role: "assistant", content: [use] }, user] }, /without `tool_result`/],
    [{ messages: [{ role: "user", content: [result] }] }, /unexpected `tool_use_id`/],
    [{ frequency_penalty: 1 }, /frequency_penalty: Extra inputs/],
    [{ temperature: 1.5 }, /temperature/],
    [{ thinking: { type: "enabled", budget_tokens: 100 } }, /greater than or equal to 1024/],
    [{ thinking: { type: "enabled", budget_tokens: 2000 } }, /must be greater than/],
    [{ tool_choice: { type: "any" } }, /while providing tools/],
    [{ tools: [{ name: "f" }] }, /input_schema: Field required/],
  ])("refuses %j", (body, message) => {
    expectRefusal(() => anthropic(body), message);
  });

  it("needs its version header", () => {
    expectRefusal(() => dialects.anthropic.checkHeaders({}), /anthropic-version/);
  });
});

describe("Gemini requests", () => {
  const call = { functionCall: { name: "f", args: {} } };

  it("reads model and method from the path", () => {
    const body = { contents: [{ parts: [{ text: "hi" }] }] };
    const path = "sim?tokens=2:streamGenerateContent";
    const parsed = dialects.gemini.readRequest(body, path, "alt=sse");
    expect(parsed).toMatchObject({ model: "sim?tokens=2", isStream: true, promptCharacters: 2 });
    expectRefusal(() => dialects.gemini.readRequest(body, path, ""), /alt=sse/);
    expectRefusal(() => dialects.gemini.readRequest(body, "sim:predict", ""), /not found/);
  });

  it.each([
    [{}, /contents is not specified/],
    [{ contents: [{ role: "assistant", parts: [{ text: "x" }] }] }, /valid role/],
    [{ contents: [{ role: "user", parts: [] }] }, /must not be empty/],
    [
      {
        contents: [
          { role: "model", parts: [call] },
          { role: "user", parts: [{ text: "x" }] },
        ],
      },
      /number of function response parts/,
    ],
    [{ contents: [{ parts: [{ text: "x" }] }], messages: [] }, /Unknown name "messages"/],
  ])("refuses %j", (body, message) => {
    expectRefusal(() => gemini(body), message);
  });
});
