import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatRequest } from "@fairlead/openai";
import { describe, expect, it } from "vitest";
import { runStream } from "../shared/testing-public-stream.ts";
import { makeTarget } from "../shared/testing-target.ts";
import { createGemini } from "./index.ts";

const gemini = createGemini(undefined);
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, "__fixtures__", name), "utf8");

function convert(chat: ChatRequest, upstreamModel = "gemini-2.5-flash") {
  const request = gemini.request(chat, makeTarget({ upstreamModel, isStream: false }));
  return { ...request, wire: JSON.parse(request.body) };
}

describe("Gemini", () => {
  it("takes thought signatures back where they belong", () => {
    const target = makeTarget({ upstreamModel: "gemini-3-pro-preview" });
    const recording = fixture("google-tool-call.json");
    const answer = gemini.response(recording, target);
    const message = answer.completion?.choices[0]?.message;
    const id = message?.tool_calls?.[0]?.id ?? "";
    const { wire } = convert(
      {
        messages: [
          { role: "system", content: "S" },
          { role: "user", content: "Weather?" },
          { ...message, role: "assistant" } as ChatRequest["messages"][number],
          { role: "tool", tool_call_id: id, content: "cold" },
        ],
      },
      "gemini-3-pro-preview",
    );
    expect(wire.systemInstruction).toEqual({ parts: [{ text: "S" }] });
    expect(wire.contents[1]).toEqual({
      role: "model",
      parts: JSON.parse(recording).candidates[0].content.parts,
    });
    expect(wire.contents[2]).toEqual({
      role: "user",
      parts: [{ functionResponse: { name: "weather", response: { result: "cold" } } }],
    });
  });

  it("writes the name of a speaker before the words, having no place for it", () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } } as const;
    const { wire } = convert({
      messages: [
        { role: "user", name: "Al", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", name: "Bo", content: [image, { type: "text", text: "Well?" }] },
      ],
    });
    expect(wire.contents[0].parts).toEqual([{ text: "Al: Hi" }]);
    expect(wire.contents[2].parts[1]).toEqual({ text: "Bo: Well?" });
  });

  it("stands in for the signature of another model's call, from Gemini 3 on", () => {
    const call = (id: string) => ({
      id,
      type: "function" as const,
      function: { name: "f", arguments: "{}" },
    });
    const chat: ChatRequest = {
      messages: [{ role: "assistant", tool_calls: [call("a"), call("b")] }],
    };
    const parts = convert(chat, "gemini-3-flash").wire.contents[0].parts;
    expect(parts[0].thoughtSignature).toBe("skip_thought_signature_validator");
    expect(parts[1].thoughtSignature).toBeUndefined();
    expect(convert(chat).wire.contents[0].parts[0].thoughtSignature).toBeUndefined();
  });

  it("renames parameters and names what has no place", () => {
    const { wire, path, droppedParameters } = convert({
      messages: [{ role: "user", content: "x" }],
      max_tokens: 1_000,
      temperature: 0.1,
      stop: "END",
      response_format: { type: "json_schema", json_schema: { schema: { type: "object" } } },
      reasoning: { effort: "low" },
      logprobs: true,
      tools: [{ type: "function", function: { name: "f", parameters: { $defs: {} } } }],
      tool_choice: { type: "function", function: { name: "f" } },
    });
    expect(path).toBe("/models/gemini-2.5-flash:generateContent");
    expect(wire.generationConfig).toEqual({
      temperature: 0.1,
      maxOutputTokens: 1_000,
      stopSequences: ["END"],
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" },
      // max(1000 × 0.2, 512)
      thinkingConfig: { includeThoughts: true, thinkingBudget: 512 },
    });
    expect(wire.tools[0].functionDeclarations[0].parametersJsonSchema).toEqual({ $defs: {} });
    expect(wire.toolConfig.functionCallingConfig.allowedFunctionNames).toEqual(["f"]);
    expect(droppedParameters).toEqual(["logprobs"]);
  });

  it("cannot be led out of its path by a model's name", () => {
    const { path } = convert({ messages: [{ role: "user", content: "x" }] }, "../../files?x=");
    expect(path).toBe("/models/..%2F..%2Ffiles%3Fx%3D:generateContent");
  });

  it("reads when to come back", () => {
    const fault = gemini.error(429, {}, fixture("google-429-retry-info.json"));
    expect(fault).toMatchObject({
      code: "rate_limit_exceeded",
      providerCode: "RESOURCE_EXHAUSTED",
      retryAfterMs: 34_400,
    });
  });

  it("takes a refused key, told as a bad request, for the endpoint's fault", () => {
    const body = JSON.stringify({
      error: { code: 400, message: "API key not valid.", details: [{ reason: "API_KEY_INVALID" }] },
    });
    expect(gemini.error(400, {}, body)).toMatchObject({
      code: "provider_unavailable",
      isEndpointFault: true,
    });
  });

  it("tells a blocked prompt as the content policy's", () => {
    const body = '{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}';
    expect(gemini.response(body, makeTarget()).fault?.code).toBe("content_policy_violation");
    const translator = gemini.stream(makeTarget());
    runStream(translator, [body]);
    expect(translator.fault?.code).toBe("content_policy_violation");
  });

  it("refuses function calls in parts, which it never asks for", () => {
    const translator = gemini.stream(makeTarget());
    const events = fixture("google-stream-tool-call-arguments.chunks.txt").trim().split("\n");
    expect(runStream(translator, events)).toBe("");
    expect(translator.fault?.code).toBe("provider_unavailable");
  });
});
