import { AppError } from "@fairlead/errors";
import type { AssistantMessage, ChatMessage, ToolCall } from "@fairlead/openai";
import { nameSpeaker } from "../shared/name-speaker.ts";
import { parseObject } from "../shared/read.ts";
import { type Block, convertContent } from "./content.ts";
import { toThinkingBlocks } from "./reasoning-format.ts";
import { toToolId } from "./tool-id.ts";

export interface AnthropicMessage {
  readonly role: "user" | "assistant";
  readonly content: Block[];
}

export interface ConvertedMessages {
  readonly system: Block[];
  readonly messages: AnthropicMessage[];
  /** A tool's answer waits for the model, but the call's own thinking is not in the history. */
  readonly lacksThinking: boolean;
}

/**
 * System messages become the system prompt, wherever they stand, so that none loses its rank;
 * neighbours of one role become one message; tool results open the message that holds them.
 */
export function convertMessages(messages: readonly ChatMessage[]): ConvertedMessages {
  const system: Block[] = [];
  const converted: AnthropicMessage[] = [];
  let lacksThinking = false;
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}].content`;
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...convertContent(message.content, param));
        break;
      case "user":
        append(converted, "user", convertContent(nameSpeaker(message), param));
        lacksThinking = false;
        break;
      case "tool":
        appendToolResult(converted, {
          type: "tool_result",
          tool_use_id: toToolId(message.tool_call_id),
          content: convertContent(message.content, param),
        });
        break;
      case "assistant": {
        const blocks = convertAssistant(message, index);
        append(converted, "assistant", blocks);
        lacksThinking = hasToolCalls(message) && !isThinking(blocks[0]);
        break;
      }
    }
  }
  trimPrefill(converted.at(-1));
  return { system, messages: converted, lacksThinking };
}

function convertAssistant(message: AssistantMessage, index: number): Block[] {
  const blocks: Block[] = [
    ...toThinkingBlocks(message.reasoning_details),
    ...convertContent(message.content, `messages[${index}].content`),
  ];
  for (const [position, call] of (message.tool_calls ?? []).entries()) {
    const param = `messages[${index}].tool_calls[${position}].function.arguments`;
    blocks.push(convertToolCall(call, param));
  }
  return blocks;
}

function convertToolCall(call: ToolCall, param: string): Block {
  const text = call.function.arguments;
  const input = text.trim() === "" ? {} : parseObject(text);
  if (input === undefined) {
    throw new AppError(
      "invalid_request",
      `${param}: must be a JSON object for this endpoint. Repair it or choose another model.`,
      { param },
    );
  }
  return { type: "tool_use", id: toToolId(call.id), name: call.function.name, input };
}

function hasToolCalls(message: AssistantMessage): boolean {
  return (message.tool_calls?.length ?? 0) > 0;
}

function isThinking(block: Block | undefined): boolean {
  return block?.type === "thinking" || block?.type === "redacted_thinking";
}

function append(messages: AnthropicMessage[], role: "user" | "assistant", blocks: Block[]): void {
  if (blocks.length === 0) {
    return;
  }
  const last = messages.at(-1);
  if (last?.role === role) {
    last.content.push(...blocks);
  } else {
    messages.push({ role, content: blocks });
  }
}

function appendToolResult(messages: AnthropicMessage[], result: Block): void {
  const last = messages.at(-1);
  if (last?.role !== "user") {
    messages.push({ role: "user", content: [result] });
    return;
  }
  const firstOther = last.content.findIndex((block) => block.type !== "tool_result");
  last.content.splice(firstOther === -1 ? last.content.length : firstOther, 0, result);
}

/** An answer to be continued may not end in white space. */
function trimPrefill(last: AnthropicMessage | undefined): void {
  const block = last?.role === "assistant" ? last.content.at(-1) : undefined;
  if (last !== undefined && block?.type === "text" && typeof block.text === "string") {
    const text = block.text.trimEnd();
    last.content.pop();
    if (text !== "") {
      last.content.push({ ...block, text });
    }
    if (last.content.length === 0) {
      last.content.push({ ...block, text: block.text });
    }
  }
}
