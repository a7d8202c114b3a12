import type { Annotation, ChatAnswer, ReasoningDetail, ToolCall } from "@fairlead/openai";
import type { Target, TranslatedResponse } from "../provider.ts";
import { buildAnswer } from "../shared/build-answer.ts";
import { unreadable } from "../shared/fault.ts";
import { type JsonObject, parseObject, readArray, readObject, readString } from "../shared/read.ts";
import { makeToolCallId } from "../shared/tool-call-tracker.ts";
import { convertCitation } from "./citations.ts";
import { convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { reasoningFormat } from "./reasoning-format.ts";
import { convertUsage } from "./usage.ts";

export function convertResponse(body: string, target: Target): TranslatedResponse {
  const wire = parseObject(body);
  if (wire === undefined) {
    return { fault: unreadable("an answer") };
  }
  if (wire.type === "error" || (wire.error !== undefined && wire.error !== null)) {
    return { fault: convertInBandError(wire) };
  }
  if (!Array.isArray(wire.content)) {
    return { fault: unreadable("an answer without content") };
  }
  const native = readString(wire.stop_reason).slice(0, 128);
  const message = convertBlocks(wire.content, target);
  const reason = mapFinishReason(native);
  return buildAnswer(target, {
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason:
          reason === "stop" && message.tool_calls !== undefined ? "tool_calls" : reason,
        native_finish_reason: native === "" ? null : native,
        message,
      },
    ],
    usage: convertUsage(readObject(wire.usage)),
    upstreamId: readString(wire.id),
    responseModel: readString(wire.model),
  });
}

function convertBlocks(blocks: readonly unknown[], target: Target): ChatAnswer {
  let text = "";
  let reasoning = "";
  const details: ReasoningDetail[] = [];
  const calls: ToolCall[] = [];
  const annotations: Annotation[] = [];
  for (const item of blocks) {
    const block = readObject(item) ?? {};
    switch (block.type) {
      case "text": {
        const start = text.length;
        text += readString(block.text);
        for (const citation of readArray(block.citations)) {
          const annotation = convertCitation(citation, start, text.length);
          if (annotation !== undefined) {
            annotations.push(annotation);
          }
        }
        break;
      }
      case "thinking":
        reasoning += readString(block.thinking);
        details.push(convertThinking(block, details.length));
        break;
      case "redacted_thinking":
        details.push({
          type: "reasoning.encrypted",
          data: readString(block.data),
          format: reasoningFormat,
          index: details.length,
        });
        break;
      case "tool_use":
        calls.push(convertToolUse(block, target, calls.length));
        break;
      default:
    }
  }
  const isShown = target.isReasoningExcluded !== true;
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    reasoning: isShown && reasoning !== "" ? reasoning : null,
    ...(isShown && details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
  };
}

function convertThinking(block: JsonObject, index: number): ReasoningDetail {
  return {
    type: "reasoning.text",
    text: readString(block.thinking),
    signature: readString(block.signature),
    format: reasoningFormat,
    index,
  };
}

function convertToolUse(block: JsonObject, target: Target, index: number): ToolCall {
  return {
    id: readString(block.id) || makeToolCallId(target.generationId, 0, index),
    type: "function",
    function: {
      name: readString(block.name),
      arguments: JSON.stringify(readObject(block.input) ?? {}),
    },
  };
}
