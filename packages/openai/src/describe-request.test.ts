import { describe, expect, it } from "vitest";
import type { ChatRequest } from "./chat-request.ts";
import { describeRequest } from "./describe-request.ts";

function describeBody(request: ChatRequest) {
  return describeRequest(request, Buffer.byteLength(JSON.stringify(request)));
}

describe("describeRequest", () => {
  it("lists what an endpoint has to take", () => {
    const description = describeBody({
      messages: [{ role: "user", content: "Hello" }],
      stream: true,
      n: 2,
      max_completion_tokens: 50,
      temperature: 0,
      tools: [{ type: "function", function: { name: "f" } }],
      tool_choice: "required",
      response_format: { type: "json_schema", json_schema: { schema: {} } },
      reasoning_effort: "low",
    });
    expect(description).toMatchObject({
      parameters: [
        "temperature",
        "max_tokens",
        "tools",
        "tool_choice",
        "response_format",
        "structured_outputs",
        "reasoning",
      ],
      inputModalities: [],
      outputModalities: ["text"],
      maxTokens: 50,
      choiceCount: 2,
      isStream: true,
    });
  });

  it("does not ask for what the request leaves to the endpoint", () => {
    const { parameters } = describeBody({
      messages: [{ role: "user", content: "Hello" }],
      tools: [],
      logprobs: false,
      response_format: { type: "text" },
      reasoning: { enabled: false },
    });
    expect(parameters).toEqual([]);
  });

  it("counts an inline image as an image, not as text", () => {
    const url = `data:image/png;base64,${"A".repeat(3_000_000)}`;
    const { promptTokensEstimate, inputModalities } = describeBody({
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
    });
    expect(inputModalities).toEqual(["image"]);
    expect(promptTokensEstimate).toBeLessThan(2_000);
    expect(promptTokensEstimate).toBeGreaterThan(1_700);
  });

  it("estimates text above its real token count", () => {
    const content = "The quick brown fox jumps over the lazy dog. ".repeat(100);
    // 10 tokens a sentence by the usual tokenizers
    const { promptTokensEstimate } = describeBody({ messages: [{ role: "user", content }] });
    expect(promptTokensEstimate).toBeGreaterThan(1_000);
    expect(promptTokensEstimate).toBeLessThan(1_700);
  });
});
