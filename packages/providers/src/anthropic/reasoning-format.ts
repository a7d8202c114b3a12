import type { ReasoningDetail } from "@fairlead/openai";
import { type JsonObject, readString } from "../shared/read.ts";

/** Marks reasoning that only Anthropic's models can take back. */
export const reasoningFormat = "anthropic-claude-v1";

/**
 * Thinking blocks of earlier turns, byte for byte: signatures cover them. Clients that gathered a
 * stream without merging send one block as several fragments; these are put together again.
 */
export function toThinkingBlocks(details: readonly ReasoningDetail[] | undefined): JsonObject[] {
  const blocks: Record<string, unknown>[] = [];
  let open: { index: unknown; thinking: string } | undefined;
  for (const detail of details ?? []) {
    if (!isOurs(detail)) {
      continue;
    }
    if (detail.type === "reasoning.encrypted" && typeof detail.data === "string") {
      open = undefined;
      blocks.push({ type: "redacted_thinking", data: detail.data });
      continue;
    }
    if (detail.type !== "reasoning.text") {
      continue;
    }
    if (open === undefined || open.index !== detail.index) {
      open = { index: detail.index, thinking: "" };
    }
    open.thinking += readString(detail.text);
    if (typeof detail.signature === "string" && detail.signature !== "") {
      blocks.push({
        type: "thinking",
        thinking: open.thinking,
        signature: detail.signature,
      });
      open = undefined;
    }
  }
  return blocks;
}

function isOurs(detail: ReasoningDetail): boolean {
  const { format } = detail;
  return format === reasoningFormat || format === undefined || format === null;
}
