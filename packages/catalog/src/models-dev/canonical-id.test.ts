import { describe, expect, it } from "vitest";
import { createCanonicalIds } from "./canonical-id.ts";

const ids = createCanonicalIds([
  "openai/gpt-4o",
  "openai/gpt-oss-20b:free",
  "anthropic/claude-sonnet-4.5",
  "anthropic/claude-opus-4",
  "meta-llama/llama-3.3-70b-instruct",
  "meta-llama/llama-4-maverick",
  "qwen/qwen-2.5-72b-instruct",
  "qwen/qwen3-coder",
  "deepseek/deepseek-chat-v3.1",
  "z-ai/glm-5.1",
  "amazon/nova-lite-v1",
  "x-ai/grok-4",
]);

describe("createCanonicalIds", () => {
  it.each([
    ["openai", "gpt-4o", "openai/gpt-4o"],
    ["azure", "gpt-4o", "openai/gpt-4o"],
    ["anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"],
    ["google-vertex", "claude-sonnet-4-5@20250929", "anthropic/claude-sonnet-4.5"],
    [
      "amazon-bedrock",
      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "anthropic/claude-sonnet-4.5",
    ],
    ["sap-ai-core", "anthropic--claude-4.5-sonnet", "anthropic/claude-sonnet-4.5"],
    ["anthropic", "claude-opus-4-0", "anthropic/claude-opus-4"],
    ["groq", "llama-3.3-70b-versatile", "meta-llama/llama-3.3-70b-instruct"],
    ["togetherai", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/llama-3.3-70b-instruct"],
    ["nebius", "meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", "meta-llama/llama-4-maverick"],
    ["alibaba", "qwen2-5-72b-instruct", "qwen/qwen-2.5-72b-instruct"],
    ["wandb", "Qwen/Qwen3-Coder-480B-A35B-Instruct", "qwen/qwen3-coder"],
    ["abacus", "deepseek/deepseek-v3.1", "deepseek/deepseek-chat-v3.1"],
    ["fireworks-ai", "accounts/fireworks/models/glm-5p1", "z-ai/glm-5.1"],
    ["amazon-bedrock", "amazon.nova-lite-v1:0", "amazon/nova-lite-v1"],
    ["openrouter", "openai/gpt-oss-20b:free", "openai/gpt-oss-20b:free"],
    // Another model, not a build of one.
    ["xai", "grok-4-fast", "x-ai/grok-4-fast"],
    ["helicone", "claude-3-5-haiku", "anthropic/claude-3.5-haiku"],
    ["novita-ai", "baichuan/baichuan-m2-32b", "novita-ai/baichuan-m2-32b"],
  ])("%s's %s is %s", (provider, name, expected) => {
    expect(ids.resolve(provider, name, undefined)).toBe(expected);
  });

  it("goes by the base model where the own name is no model's", () => {
    expect(ids.resolve("evroc", "house-name", "zhipuai/glm-5.1")).toBe("z-ai/glm-5.1");
    expect(ids.resolve("evroc", "gpt-4o", "zhipuai/glm-5.1")).toBe("openai/gpt-4o");
  });
});
