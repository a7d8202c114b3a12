import { AppError } from "@fairlead/errors";
import type { AssistantMessage, ChatMessage, ToolMessage } from "@fairlead/openai";
import { nameSpeaker } from "../shared/name-speaker.ts";
import { parseObject } from "../shared/read.ts";
import { convertContent, type Part } from "./content.ts";
import { readSignatures } from "./reasoning-format.ts";

export interface GeminiContent {
  readonly role: "user" | "model";
  readonly parts: Part[];
}

export interface ConvertedMessages {
  readonly system: Part[];
  readonly contents: GeminiContent[];
}

/**
 * Google's documented stand-in for the signature of a call that another model made. Gemini 3
 * refuses a call without any.
 */
const foreignSignature = "skip_thought_signature_validator";

/** System messages become the system instruction; neighbours of one role become one content. */
export function convertMessages(
  messages: readonly ChatMessage[],
  needsSignatures: boolean,
): ConvertedMessages {
  const system: Part[] = [];
  const contents: GeminiContent[] = [];
  const toolNames = new Map<string, string>();
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...convertContent(message.content, `${param}.content`));
        break;
      case "user":
        append(contents, "user", convertContent(nameSpeaker(message), `${param}.content`));
        break;
      case "tool":
        append(contents, "user", convertToolResult(message, toolNames, param));
        break;
      case "assistant":
        append(contents, "model", convertAssistant(message, toolNames, param, needsSignatures));
        break;
    }
  }
  return { system, contents };
}

function convertAssistant(
  message: AssistantMessage,
  toolNames: Map<string, string>,
  param: string,
  needsSignatures: boolean,
): Part[] {
  const signatures = readSignatures(message.reasoning_details);
  const parts = convertContent(message.content, `${param}.content`);
  const textSignature = signatures.get("");
  if (textSignature !== undefined) {
    const last = parts.pop() ?? { text: "" };
    parts.push({ ...last, thoughtSignature: textSignature });
  }
  for (const [position, call] of (message.tool_calls ?? []).entries()) {
    const { name, arguments: text } = call.function;
    toolNames.set(call.id, name);
    const args = text.trim() === "" ? {} : parseObject(text);
    if (args === undefined) {
      const field = `${param}.tool_calls[${position}].function.arguments`;
      throw new AppError(
        "invalid_request",
        `${field}: must be a JSON object for this endpoint. Repair it or choose another model.`,
        { param: field },
      );
    }
    // Of parallel calls only the first carries one.
    const isBare = needsSignatures && position === 0;
    const signature = signatures.get(call.id) ?? (isBare ? foreignSignature : undefined);
    parts.push({
      functionCall: { name, args },
      ...(signature === undefined ? {} : { thoughtSignature: signature }),
    });
  }
  return parts;
}

/** Gemini knows answers by the function's name, and takes objects only. */
function convertToolResult(
  message: ToolMessage,
  toolNames: ReadonlyMap<string, string>,
  param: string,
): Part[] {
  const name = toolNames.get(message.tool_call_id) ?? message.name;
  if (name === undefined) {
    throw new AppError(
      "invalid_request",
      `${param}.tool_call_id: answers no tool call of an earlier message.`,
      { param: `${param}.tool_call_id` },
    );
  }
  const parts = convertContent(message.content, `${param}.content`);
  const text = parts.map((part) => (typeof part.text === "string" ? part.text : "")).join("");
  const media = parts.filter((part) => part.text === undefined);
  return [
    { functionResponse: { name, response: parseObject(text) ?? { result: text } } },
    ...media,
  ];
}

function append(contents: GeminiContent[], role: "user" | "model", parts: Part[]): void {
  if (parts.length === 0) {
    return;
  }
  const last = contents.at(-1);
  if (last?.role === role) {
    last.parts.push(...parts);
  } else {
    contents.push({ role, parts });
  }
}
