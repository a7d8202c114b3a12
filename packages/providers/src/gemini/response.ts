import type {
  ChatAnswer,
  ChatChoice,
  ImagePart,
  ReasoningDetail,
  ToolCall,
} from "@fairlead/openai";
import type { Target, TranslatedResponse } from "../provider.ts";
import { buildAnswer } from "../shared/build-answer.ts";
import { unreadable } from "../shared/fault.ts";
import { type JsonObject, parseObject, readArray, readObject, readString } from "../shared/read.ts";
import { makeToolCallId } from "../shared/tool-call-tracker.ts";
import { convertBlock, convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { readGrounding, readImage } from "./parts.ts";
import { toReasoningDetail } from "./reasoning-format.ts";
import { convertUsage } from "./usage.ts";

export function convertResponse(body: string, target: Target): TranslatedResponse {
  const wire = parseObject(body);
  if (wire === undefined) {
    return { fault: unreadable("an answer") };
  }
  if (wire.error !== undefined && wire.error !== null) {
    return { fault: convertInBandError(wire) };
  }
  const choices: ChatChoice[] = [];
  for (const item of readArray(wire.candidates)) {
    const candidate = readObject(item);
    if (candidate !== undefined) {
      choices.push(convertCandidate(candidate, choices.length, target));
    }
  }
  const blockReason = readString(readObject(wire.promptFeedback)?.blockReason);
  if (choices.length === 0 && blockReason !== "") {
    return { fault: convertBlock(blockReason) };
  }
  return buildAnswer(target, {
    choices,
    usage: convertUsage(readObject(wire.usageMetadata)),
    upstreamId: readString(wire.responseId),
    responseModel: readString(wire.modelVersion),
  });
}

function convertCandidate(candidate: JsonObject, index: number, target: Target): ChatChoice {
  const native = readString(candidate.finishReason).slice(0, 128);
  const message = convertParts(candidate, index, target);
  const reason = mapFinishReason(native);
  return {
    index,
    logprobs: null,
    finish_reason: reason === "stop" && message.tool_calls !== undefined ? "tool_calls" : reason,
    native_finish_reason: native === "" ? null : native,
    message,
  };
}

function convertParts(candidate: JsonObject, choiceIndex: number, target: Target): ChatAnswer {
  let text = "";
  let reasoning = "";
  const details: ReasoningDetail[] = [];
  const calls: ToolCall[] = [];
  const images: ImagePart[] = [];
  for (const item of readArray(readObject(candidate.content)?.parts)) {
    const part = readObject(item) ?? {};
    const call = readObject(part.functionCall);
    let toolCallId: string | null = null;
    if (call !== undefined) {
      const converted = convertCall(call, choiceIndex, calls.length, target);
      toolCallId = converted.id;
      calls.push(converted);
    } else if (part.thought === true) {
      reasoning += readString(part.text);
    } else {
      text += readString(part.text);
      const image = readImage(part);
      if (image !== undefined) {
        images.push(image);
      }
    }
    const signature = readString(part.thoughtSignature);
    if (signature !== "") {
      details.push(toReasoningDetail(signature, toolCallId, details.length));
    }
  }
  const annotations = readGrounding(candidate);
  const isShown = target.isReasoningExcluded !== true;
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    reasoning: isShown && reasoning !== "" ? reasoning : null,
    ...(isShown && details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
    ...(images.length > 0 ? { images } : {}),
  };
}

function convertCall(
  call: JsonObject,
  choiceIndex: number,
  index: number,
  target: Target,
): ToolCall {
  return {
    id: readString(call.id) || makeToolCallId(target.generationId, choiceIndex, index),
    type: "function",
    function: {
      name: readString(call.name),
      arguments: JSON.stringify(readObject(call.args) ?? {}),
    },
  };
}
