import type { TokenUsage } from "@fairlead/openai";
import { type JsonObject, readCount, readObject } from "../shared/read.ts";

/**
 * Anthropic counts cached and written tokens beside `input_tokens`; ours are inside the prompt.
 * Undefined when there is no count at all.
 */
export function convertUsage(usage: JsonObject | undefined): TokenUsage | undefined {
  if (
    usage === undefined ||
    (typeof usage.input_tokens !== "number" && typeof usage.output_tokens !== "number")
  ) {
    return undefined;
  }
  const cachedTokens = readCount(usage.cache_read_input_tokens);
  const cacheWriteTokens = readCount(usage.cache_creation_input_tokens);
  const for1h = readCount(readObject(usage.cache_creation)?.ephemeral_1h_input_tokens);
  const completionTokens = readCount(usage.output_tokens);
  const thinking = readCount(readObject(usage.output_tokens_details)?.thinking_tokens);
  return {
    promptTokens: readCount(usage.input_tokens) + cachedTokens + cacheWriteTokens,
    completionTokens,
    cachedTokens,
    cacheWriteTokens,
    ...(for1h > 0 && { cacheWrite1hTokens: Math.min(for1h, cacheWriteTokens) }),
    reasoningTokens: Math.min(thinking, completionTokens),
    audioInputTokens: 0,
    audioOutputTokens: 0,
    imageInputTokens: 0,
  };
}
