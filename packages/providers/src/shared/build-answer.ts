import type { ChatChoice, ChatCompletion, TokenUsage } from "@fairlead/openai";
import type { Target, TranslatedResponse } from "../provider.ts";
import { unreadable } from "./fault.ts";
import { isEmptyAnswer } from "./is-empty-answer.ts";

export interface AnswerParts {
  readonly choices: readonly ChatChoice[];
  readonly usage: TokenUsage | undefined;
  readonly upstreamId: string;
  readonly responseModel: string;
  readonly extra?: Partial<Pick<ChatCompletion, "system_fingerprint" | "service_tier">>;
}

/** A whole answer under our names. Without a choice it is no answer. */
export function buildAnswer(target: Target, parts: AnswerParts): TranslatedResponse {
  const [first] = parts.choices;
  if (first === undefined) {
    return { fault: unreadable("an answer without content") };
  }
  const { message } = first;
  const nativeFinishReason = first.native_finish_reason ?? "";
  const hasProduced =
    Boolean(message.content || message.refusal || message.reasoning || message.audio) ||
    message.tool_calls !== undefined ||
    message.images !== undefined;
  return {
    completion: {
      id: target.generationId,
      object: "chat.completion",
      created: target.created,
      model: target.publicModel,
      provider: target.providerName,
      ...parts.extra,
      choices: parts.choices,
    },
    finishReason: first.finish_reason,
    nativeFinishReason,
    usage: parts.usage,
    upstreamId: parts.upstreamId,
    responseModel: parts.responseModel,
    isEmpty: isEmptyAnswer(hasProduced, first.finish_reason, nativeFinishReason, parts.usage),
  };
}
