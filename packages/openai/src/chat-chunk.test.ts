import { AppError } from "@fairlead/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorChunk, usageChunk } from "./chat-chunk.ts";
import { encodeUsage } from "./encode-usage.ts";
import { toErrorBody } from "./error-body.ts";
import { nanoToDecimal } from "./nano-to-decimal.ts";

const identity = { id: "gen-1-a", model: "openai/gpt", provider: 'A "B"', created: 1 };
const tokens = {
  promptTokens: 194n,
  completionTokens: 2,
  cachedTokens: 0,
  cacheWriteTokens: 100,
  reasoningTokens: 0,
  audioInputTokens: 0,
  audioOutputTokens: 0,
  imageInputTokens: 0,
};

describe("nanoToDecimal", () => {
  it("is exact for every amount", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (nano) => {
        const text = nanoToDecimal(nano);
        expect(text).toMatch(/^-?\d+(\.\d{0,8}[1-9])?$/);
        const [whole = "", fraction = ""] = text.replace("-", "").split(".");
        const back = BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, "0"));
        expect(text.startsWith("-") ? -back : back).toBe(nano);
      }),
    );
  });
});

describe("encodeUsage", () => {
  it("writes the whole public shape", () => {
    const cost = { costNano: 950_000n, promptCostNano: 800_000n, completionCostNano: 150_000n };
    expect(encodeUsage(tokens, cost)).toContain('"cost":0.00095,');
    expect(JSON.parse(encodeUsage(tokens, cost))).toMatchObject({
      prompt_tokens: 194,
      completion_tokens: 2,
      total_tokens: 196,
      is_byok: false,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 0 },
      cost_details: {
        upstream_inference_cost: 0.00095,
        upstream_inference_prompt_cost: 0.0008,
        upstream_inference_completions_cost: 0.00015,
      },
    });
  });
});

describe("stream events", () => {
  it("writes usage as one event with no choices", () => {
    const event = usageChunk(identity, tokens, { costNano: 0n });
    expect(event).toMatch(/^data: \{.*\}\n\n$/);
    const chunk = JSON.parse(event.slice(6));
    expect(chunk).toMatchObject({ ...identity, object: "chat.completion.chunk", choices: [] });
    expect(chunk.usage.cost).toBe(0);
  });

  it("tells a failure in-band with its HTTP status as the code", () => {
    const error = new AppError("rate_limit_exceeded", "Rate limit\nexceeded", {
      metadata: { provider_code: "rate_limited" },
    });
    const chunk = JSON.parse(errorChunk(identity, error).slice(6));
    expect(chunk.error).toEqual({
      code: 429,
      message: "Rate limit\nexceeded",
      type: "rate_limit_error",
      param: null,
      metadata: { error_type: "rate_limit_exceeded", provider_code: "rate_limited" },
    });
    expect(chunk.choices[0].finish_reason).toBe("error");
  });
});

describe("toErrorBody", () => {
  it("masks what is internal", () => {
    const error = new AppError("internal", "postgres://secret", { metadata: { host: "db1" } });
    const text = JSON.stringify(toErrorBody(error));
    expect(text).not.toContain("secret");
    expect(text).not.toContain("db1");
  });
});
