import type { TokenUsage } from "@fairlead/openai";
import { type JsonObject, readArray, readCount, readObject } from "../shared/read.ts";

/** Gemini counts thoughts beside the candidates; ours are inside the completion. */
export function convertUsage(usage: JsonObject | undefined): TokenUsage | undefined {
  if (usage === undefined || typeof usage.promptTokenCount !== "number") {
    return undefined;
  }
  const reasoningTokens = readCount(usage.thoughtsTokenCount);
  const promptTokens = readCount(usage.promptTokenCount) + readCount(usage.toolUsePromptTokenCount);
  const completionTokens = readCount(usage.candidatesTokenCount) + reasoningTokens;
  const count = (details: unknown, modality: string, max: number): number =>
    Math.min(countModality(details, modality), max);
  return {
    promptTokens,
    completionTokens,
    cachedTokens: Math.min(readCount(usage.cachedContentTokenCount), promptTokens),
    cacheWriteTokens: 0,
    reasoningTokens,
    audioInputTokens: count(usage.promptTokensDetails, "AUDIO", promptTokens),
    audioOutputTokens: count(usage.candidatesTokensDetails, "AUDIO", completionTokens),
    imageInputTokens: count(usage.promptTokensDetails, "IMAGE", promptTokens),
  };
}

function countModality(details: unknown, modality: string): number {
  let sum = 0;
  for (const item of readArray(details)) {
    const detail = readObject(item);
    if (detail?.modality === modality) {
      sum += readCount(detail.tokenCount);
    }
  }
  return sum;
}
