import { type JsonObject, readObjects, readString } from "../json.ts";
import { Refusal } from "../refusal.ts";
import { roles } from "./fields.ts";

export interface MessageText {
  readonly characters: number;
  readonly lastUserText: string;
}

/** Checks roles and the order of tool messages as OpenAI does, and measures the text. */
export function readMessages(value: unknown): MessageText {
  const messages = readObjects(value, "messages");
  if (messages.length === 0) {
    throw new Refusal(400, "Invalid 'messages': empty array. Expected at least 1 message.", {
      param: "messages",
      code: "empty_array",
    });
  }
  let characters = 0;
  let lastUserText = "";
  let awaited: Set<unknown> | undefined;
  for (const [index, message] of messages.entries()) {
    if (!roles.has(message.role)) {
      throw new Refusal(400, `Invalid value: '${String(message.role)}'.`, {
        param: `messages[${index}].role`,
        code: "invalid_value",
      });
    }
    awaited = checkToolOrder(message, index, awaited);
    const text = readText(message.content, index);
    characters += text.length;
    if (message.role === "user") {
      lastUserText = text;
    }
    for (const call of readObjects(message.tool_calls, `messages[${index}].tool_calls`)) {
      characters += readString((call.function as JsonObject | undefined)?.arguments).length;
    }
  }
  refuseUnanswered(awaited, messages.length);
  return { characters, lastUserText };
}

/** Returns the ids of tool calls that still wait for their answer. */
function checkToolOrder(
  message: JsonObject,
  index: number,
  awaited: Set<unknown> | undefined,
): Set<unknown> | undefined {
  if (message.role === "tool") {
    if (!awaited?.delete(message.tool_call_id)) {
      throw new Refusal(
        400,
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        { param: `messages.[${index}].role` },
      );
    }
    return awaited;
  }
  refuseUnanswered(awaited, index);
  const calls = readObjects(message.tool_calls, `messages[${index}].tool_calls`);
  return calls.length === 0 ? undefined : new Set(calls.map(({ id }) => id));
}

function refuseUnanswered(awaited: Set<unknown> | undefined, index: number): void {
  if (awaited !== undefined && awaited.size > 0) {
    throw new Refusal(
      400,
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${[...awaited].join(", ")}`,
      { param: `messages.[${index}].role` },
    );
  }
}

function readText(content: unknown, index: number): string {
  if (typeof content === "string") {
    return content;
  }
  if (content === undefined || content === null) {
    return "";
  }
  let text = "";
  for (const part of readObjects(content, `messages[${index}].content`)) {
    text += readString(part.text);
  }
  return text;
}
