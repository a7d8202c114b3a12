import type { AssistantMessage, ChatMessage, ContentPart } from "@fairlead/openai";
import type { OpenAiVendor } from "./vendor.ts";

/**
 * Fields of an assistant message that OpenAI's schema does not have; strict vendors refuse them.
 */
const answerOnlyFields = [
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "annotations",
  "images",
] as const;

/**
 * The messages without what is not OpenAI's. A message that needs no change is passed on as it
 * is, which is nearly every one.
 */
export function convertMessages(
  messages: readonly ChatMessage[],
  vendor: OpenAiVendor,
): readonly unknown[] {
  if (vendor.isCanonical === true) {
    return messages;
  }
  return messages.map((message) => convertMessage(message, vendor));
}

function convertMessage(message: ChatMessage, vendor: OpenAiVendor): unknown {
  let converted: ChatMessage | Record<string, unknown> = message;
  if (message.role === "developer" && vendor.hasDeveloperRole !== true) {
    converted = { ...message, role: "system" };
  }
  if (message.role === "assistant") {
    converted = convertAssistant(message, vendor);
  }
  const { content } = message;
  if (Array.isArray(content) && content.some(isMarked)) {
    converted = { ...converted, content: content.map(withoutMark) };
  }
  return converted;
}

function convertAssistant(
  message: AssistantMessage,
  vendor: OpenAiVendor,
): AssistantMessage | Record<string, unknown> {
  if (answerOnlyFields.every((field) => message[field] === undefined)) {
    return message;
  }
  const converted: Record<string, unknown> = { ...message };
  for (const field of answerOnlyFields) {
    delete converted[field];
  }
  const reasoning = message.reasoning ?? message.reasoning_content;
  if (vendor.reasoningHistoryField !== undefined && typeof reasoning === "string") {
    converted[vendor.reasoningHistoryField] = reasoning;
  }
  return converted;
}

function isMarked(part: ContentPart): boolean {
  return "cache_control" in part;
}

function withoutMark(part: ContentPart): unknown {
  if (!isMarked(part)) {
    return part;
  }
  const { cache_control: _mark, ...rest } = part as ContentPart & { cache_control?: unknown };
  return rest;
}
