import type { ChatRequest } from "@fairlead/openai";
import type { Target } from "../provider.ts";

/**
 * The limit to send: the gateway's, else the client's, within what the endpoint takes; 0 = none.
 */
export function chooseMaxTokens(chat: ChatRequest, target: Target): number {
  const wanted =
    target.maxTokens !== undefined && target.maxTokens > 0
      ? target.maxTokens
      : (chat.max_completion_tokens ?? chat.max_tokens ?? 0);
  const cap = target.maxCompletionTokens ?? 0;
  return wanted > 0 && cap > 0 ? Math.min(wanted, cap) : wanted;
}
