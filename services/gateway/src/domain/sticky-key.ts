import type { ChatMessage, ChatRequest } from "@fairlead/openai";

/** Enough of a message to tell conversations apart. */
const TEXT_MAX = 1_024;

/**
 * What keeps a conversation with its provider: account and session, or, from the second turn on,
 * account and opening messages. 0 (none) for a first turn without a session: it has nothing cached
 * anywhere, so the draw is free.
 */
export function toStickyKey(request: ChatRequest, accountId: string, sessionId: string): bigint {
  const session = request.session_id ?? (sessionId || request.prompt_cache_key);
  if (session !== undefined && session !== "") {
    return hash([accountId, session]);
  }
  const { messages } = request;
  if (!messages.some(({ role }) => role === "assistant")) {
    return 0n;
  }
  const system = messages.find(({ role }) => role === "system" || role === "developer");
  const opening = messages.find(({ role }) => role !== "system" && role !== "developer");
  return hash([accountId, textOf(system), textOf(opening)]);
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === "string") {
    return content.slice(0, TEXT_MAX);
  }
  const first = content?.[0];
  return first?.type === "text" ? first.text.slice(0, TEXT_MAX) : (first?.type ?? "");
}

/** Two FNV-1a hashes of 32 bits with different starts: spread matters here, secrecy does not. */
function hash(texts: readonly string[]): bigint {
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ (unit + index), 0x01000193);
    }
    low = Math.imul(low ^ 0xffff, 0x01000193);
    high = Math.imul(high ^ 0xffff, 0x01000193);
  }
  const key = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return key === 0n ? 1n : key;
}
