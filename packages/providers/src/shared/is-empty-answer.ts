import type { FinishReason, TokenUsage } from "@fairlead/openai";

/**
 * Whether a finished answer is a provider's failure in the clothes of a success: nothing was
 * produced and nothing explains it. A limit, a filter or counted visible tokens (a stop sequence
 * at once) explain it.
 */
export function isEmptyAnswer(
  hasProduced: boolean,
  finishReason: FinishReason | undefined,
  usage: TokenUsage | undefined,
): boolean {
  if (hasProduced || finishReason === "length" || finishReason === "content_filter") {
    return false;
  }
  return usage === undefined || usage.completionTokens - usage.reasoningTokens <= 0;
}
