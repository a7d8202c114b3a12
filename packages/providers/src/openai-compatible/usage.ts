import type { TokenUsage } from "@fairlead/openai";
import { type JsonObject, readCount, readObject } from "../shared/read.ts";

/** Undefined when the object holds no count at all. */
export function convertUsage(usage: JsonObject | undefined): TokenUsage | undefined {
  if (
    usage === undefined ||
    (typeof usage.prompt_tokens !== "number" && typeof usage.completion_tokens !== "number")
  ) {
    return undefined;
  }
  const prompt = readObject(usage.prompt_tokens_details) ?? {};
  const completion = readObject(usage.completion_tokens_details) ?? {};
  const promptTokens = readCount(usage.prompt_tokens);
  const reasoningTokens = readCount(completion.reasoning_tokens);
  let completionTokens = readCount(usage.completion_tokens);
  // xAI counts reasoning beside the completion, not inside it: the total tells.
  if (
    reasoningTokens > 0 &&
    readCount(usage.total_tokens) === promptTokens + completionTokens + reasoningTokens
  ) {
    completionTokens += reasoningTokens;
  }
  const cached = readCount(
    prompt.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens,
  );
  return {
    promptTokens,
    completionTokens,
    cachedTokens: Math.min(cached, promptTokens),
    cacheWriteTokens: Math.min(readCount(prompt.cache_write_tokens), promptTokens),
    reasoningTokens: Math.min(reasoningTokens, completionTokens),
    audioInputTokens: Math.min(readCount(prompt.audio_tokens), promptTokens),
    audioOutputTokens: Math.min(readCount(completion.audio_tokens), completionTokens),
    imageInputTokens: Math.min(readCount(prompt.image_tokens), promptTokens),
  };
}
