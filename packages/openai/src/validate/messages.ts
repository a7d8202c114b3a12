import type { RequestLimits } from "../request-limits.ts";
import { validateContent } from "./content.ts";
import { describe, invalid, isObject, type JsonObject } from "./require.ts";

/** Optional fields of a message that clients send as null to mean "not set". */
const nullableFields = [
  "name",
  "tool_calls",
  "reasoning_details",
  "annotations",
  "images",
] as const;

export function validateMessages(messages: unknown, limits: RequestLimits): void {
  if (messages === undefined || messages === null) {
    throw invalid("messages", "is required: an array with at least one message.");
  }
  if (!Array.isArray(messages)) {
    throw invalid("messages", `must be an array, not ${describe(messages)}.`);
  }
  if (messages.length === 0) {
    throw invalid("messages", "must have at least one message.");
  }
  if (messages.length > limits.messagesMax) {
    throw invalid(
      "messages",
      `has ${messages.length} messages; at most ${limits.messagesMax} are taken.`,
    );
  }
  for (let index = 0; index < messages.length; index += 1) {
    const message: unknown = messages[index];
    if (!isObject(message)) {
      throw invalid(`messages[${index}]`, `must be an object, not ${describe(message)}.`);
    }
    validateMessage(message, index, limits);
  }
}

function validateMessage(message: JsonObject, index: number, limits: RequestLimits): void {
  for (const field of nullableFields) {
    if (message[field] === null) {
      message[field] = undefined;
    }
  }
  if (message.name !== undefined && typeof message.name !== "string") {
    throw invalid(`messages[${index}].name`, `must be a string, not ${describe(message.name)}.`);
  }
  switch (message.role) {
    case "system":
    case "developer":
    case "user":
      validateContent(message.content, index, limits);
      return;
    case "tool":
      if (typeof message.tool_call_id !== "string" || message.tool_call_id === "") {
        throw invalid(
          `messages[${index}].tool_call_id`,
          "must be the id of the tool call that this message answers.",
        );
      }
      validateContent(message.content, index, limits);
      return;
    case "assistant":
      validateAssistant(message, index, limits);
      return;
    default:
      throw invalid(
        `messages[${index}].role`,
        "must be one of system, developer, user, assistant, tool.",
      );
  }
}

function validateAssistant(message: JsonObject, index: number, limits: RequestLimits): void {
  if (message.content !== undefined && message.content !== null) {
    // An empty list is what some clients keep of an answer that was only tool calls.
    if (!(Array.isArray(message.content) && message.content.length === 0)) {
      validateContent(message.content, index, limits);
    }
  }
  for (const field of ["reasoning", "reasoning_content", "refusal"] as const) {
    const value = message[field];
    if (value !== undefined && value !== null && typeof value !== "string") {
      throw invalid(`messages[${index}].${field}`, `must be a string, not ${describe(value)}.`);
    }
  }
  if (message.tool_calls !== undefined) {
    validateToolCalls(message.tool_calls, index, limits);
  }
  validateObjects(message.reasoning_details, index, "reasoning_details", limits);
  validateObjects(message.annotations, index, "annotations", limits);
  validateObjects(message.images, index, "images", limits);
}

function validateToolCalls(calls: unknown, messageIndex: number, limits: RequestLimits): void {
  const param = `messages[${messageIndex}].tool_calls`;
  if (!Array.isArray(calls)) {
    throw invalid(param, `must be an array, not ${describe(calls)}.`);
  }
  if (calls.length > limits.toolCallsMax) {
    throw invalid(param, `has ${calls.length} calls; at most ${limits.toolCallsMax} are taken.`);
  }
  for (let index = 0; index < calls.length; index += 1) {
    const call: unknown = calls[index];
    if (!isObject(call) || !isObject(call.function)) {
      throw invalid(`${param}[${index}].function`, "must be an object with name and arguments.");
    }
    if (typeof call.id !== "string" || call.id === "") {
      throw invalid(`${param}[${index}].id`, "must be the id that the answer gave.");
    }
    if (typeof call.function.name !== "string" || call.function.name === "") {
      throw invalid(`${param}[${index}].function.name`, "must be the name of the function.");
    }
    if (typeof call.function.arguments !== "string") {
      throw invalid(
        `${param}[${index}].function.arguments`,
        `must be JSON text, not ${describe(call.function.arguments)}.`,
      );
    }
  }
}

function validateObjects(
  items: unknown,
  messageIndex: number,
  field: string,
  limits: RequestLimits,
): void {
  if (items === undefined) {
    return;
  }
  const param = `messages[${messageIndex}].${field}`;
  if (!Array.isArray(items)) {
    throw invalid(param, `must be an array, not ${describe(items)}.`);
  }
  if (items.length > limits.partsMax) {
    throw invalid(param, `has ${items.length} items; at most ${limits.partsMax} are taken.`);
  }
  for (let index = 0; index < items.length; index += 1) {
    const item: unknown = items[index];
    if (!isObject(item) || typeof item.type !== "string") {
      throw invalid(`${param}[${index}]`, "must be an object with a type.");
    }
  }
}
