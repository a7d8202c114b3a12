import type { ReasoningDetail } from "@fairlead/openai";

/** Marks reasoning that only Gemini can take back. */
export const reasoningFormat = "google-gemini-v1";

/**
 * A thought signature as reasoning detail: `id` names the tool call whose part carried it, null
 * stands for the text.
 */
export function toReasoningDetail(
  signature: string,
  toolCallId: string | null,
  index: number,
): ReasoningDetail {
  return {
    type: "reasoning.encrypted",
    data: signature,
    id: toolCallId,
    format: reasoningFormat,
    index,
  };
}

/** Signatures of an earlier turn, by tool call id; under "" that of the text. */
export function readSignatures(
  details: readonly ReasoningDetail[] | undefined,
): ReadonlyMap<string, string> {
  const signatures = new Map<string, string>();
  for (const { type, format, id, data } of details ?? []) {
    if (
      type === "reasoning.encrypted" &&
      format === reasoningFormat &&
      typeof data === "string" &&
      data !== ""
    ) {
      signatures.set(typeof id === "string" ? id : "", data);
    }
  }
  return signatures;
}
