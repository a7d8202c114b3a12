import type { ChatRequest } from "@fairlead/openai";

/**
 * Null of a top-level field means "not set". `parseChatRequest` has taken care of it; a caller that
 * parses the body itself gets the same here. Without nulls, which is nearly always, nothing is
 * copied.
 */
export function withoutNulls(chat: ChatRequest): ChatRequest {
  for (const name in chat) {
    if (chat[name] === null) {
      return Object.fromEntries(
        Object.entries(chat).filter(([, value]) => value !== null),
      ) as unknown as ChatRequest;
    }
  }
  return chat;
}
