import type {
  Annotation,
  ChatAnswer,
  ChatChoice,
  ImagePart,
  ReasoningDetail,
} from "@fairlead/openai";
import type { Target, TranslatedResponse } from "../provider.ts";
import { buildAnswer } from "../shared/build-answer.ts";
import { unreadable } from "../shared/fault.ts";
import { type JsonObject, parseObject, readArray, readObject, readString } from "../shared/read.ts";
import { readContent, readTyped } from "./content.ts";
import { convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { readToolCalls } from "./tool-calls.ts";
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
  for (const item of readArray(wire.choices)) {
    const choice = readObject(item);
    if (choice !== undefined) {
      choices.push(convertChoice(choice, choices.length, target));
    }
  }
  const fingerprint = readString(wire.system_fingerprint);
  const tier = readString(wire.service_tier);
  return buildAnswer(target, {
    choices,
    usage: convertUsage(readObject(wire.usage)),
    upstreamId: readString(wire.id),
    responseModel: readString(wire.model),
    extra: {
      ...(fingerprint === "" ? {} : { system_fingerprint: fingerprint }),
      ...(tier === "" ? {} : { service_tier: tier }),
    },
  });
}

function convertChoice(choice: JsonObject, position: number, target: Target): ChatChoice {
  const index = Number.isSafeInteger(choice.index) ? Number(choice.index) : position;
  const native = readString(choice.native_finish_reason) || readString(choice.finish_reason);
  const message = convertMessage(readObject(choice.message) ?? {}, index, target);
  const reason = mapFinishReason(readString(choice.finish_reason));
  return {
    index,
    logprobs: choice.logprobs ?? null,
    finish_reason: reason === "stop" && message.tool_calls !== undefined ? "tool_calls" : reason,
    native_finish_reason: native === "" ? null : native.slice(0, 128),
    message,
  };
}

function convertMessage(message: JsonObject, index: number, target: Target): ChatAnswer {
  const parts = readContent(message.content);
  const reasoning =
    readString(message.reasoning_content) || readString(message.reasoning) || parts.reasoning;
  const isExcluded = target.isReasoningExcluded === true;
  const details = isExcluded ? [] : readTyped<ReasoningDetail>(message.reasoning_details);
  const calls = readToolCalls(message.tool_calls, target.generationId, index);
  const annotations = readTyped<Annotation>(message.annotations);
  const images = readTyped<ImagePart>(message.images);
  const audio = readObject(message.audio);
  return {
    role: "assistant",
    content: parts.text === "" && calls.length > 0 ? null : parts.text,
    refusal: readString(message.refusal) || null,
    reasoning: isExcluded ? null : reasoning || null,
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(annotations.length > 0 ? { annotations } : {}),
    ...(images.length > 0 ? { images } : {}),
    ...(audio !== undefined ? { audio } : {}),
  };
}
