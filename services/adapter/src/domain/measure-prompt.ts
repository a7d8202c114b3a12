import type { ChatMessage, ChatRequest, ContentPart } from "@fairlead/openai";

/**
 * UTF-16 length of the text that a prompt consists of: messages, tool calls and tool definitions,
 * without media. Enough to estimate its tokens where the provider does not say; cheap, since no
 * text is looked at.
 */
export function measurePrompt(chat: ChatRequest): number {
  let length = 0;
  for (const message of chat.messages) {
    length += measureMessage(message);
  }
  for (const tool of chat.tools ?? []) {
    length += JSON.stringify(tool).length;
  }
  return length;
}

function measureMessage(message: ChatMessage): number {
  let length = measureContent(message.content);
  if (message.role === "assistant") {
    for (const { function: called } of message.tool_calls ?? []) {
      length += called.name.length + called.arguments.length;
    }
  }
  return length;
}

function measureContent(content: string | readonly ContentPart[] | null | undefined): number {
  if (typeof content === "string") {
    return content.length;
  }
  let length = 0;
  for (const part of content ?? []) {
    if (part.type === "text") {
      length += part.text.length;
    }
  }
  return length;
}
