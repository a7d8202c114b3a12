import type { FinishReason, TokenUsage } from "@fairlead/openai";

/**
 * Whether a finished answer is a provider's failure in the clothes of a success: nothing was
 * produced and nothing explains it. A limit, a filter or counted visible tokens (a stop sequence
 * at once) explain it; counts without any reason to end do not, some send them as placeholders.
 */
export function isEmptyAnswer(
  hasProduced: boolean,
  finishReason: FinishReason | undefined,
  nativeFinishReason: string,
  usage: TokenUsage | undefined,
): boolean {
  if (hasProduced || finishReason === "length" || finishReason === "content_filter") {
    return false;
  }
  return (
    nativeFinishReason === "" ||
    usage === undefined ||
    usage.completionTokens - usage.reasoningTokens <= 0
  );
}
