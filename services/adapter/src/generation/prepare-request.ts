import type { Timeouts } from "@fairlead/catalog";
import { AppError } from "@fairlead/errors";
import type { ChatRequest } from "@fairlead/openai";
import type { GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import {
  excludesReasoning,
  type Provider,
  type ProviderRequest,
  type Target,
} from "@fairlead/providers";
import { measurePrompt } from "../domain/measure-prompt.ts";

export interface PreparedRequest {
  readonly request: ProviderRequest;
  /** With what the body says of the answer's form. */
  readonly target: Target;
  /** UTF-16 length of the prompt's text. */
  readonly promptLength: number;
}

/** Translates the client's body, which the gateway has validated. Throws AppError. */
export function prepareRequest(
  provider: Provider,
  body: Uint8Array,
  plain: Target,
): PreparedRequest {
  const chat = parseBody(body);
  const target = excludesReasoning(chat) ? { ...plain, isReasoningExcluded: true } : plain;
  return { request: provider.request(chat, target), target, promptLength: measurePrompt(chat) };
}

/** One generation may be tried several times: each try has its own name. */
export function toRequestId({ generationId, attempt }: GenerateRequest): string {
  return `${generationId}-${attempt}`;
}

export function toTarget(request: GenerateRequest): Target {
  return {
    provider: request.provider,
    providerName: request.providerName,
    publicModel: request.model,
    upstreamModel: request.upstreamModel,
    generationId: request.generationId,
    created: Number(request.created),
    isStream: request.stream,
    maxTokens: Number(request.maxTokens),
    unsupportedParameters: request.unsupportedParameters,
  };
}

/** What a plan leaves at 0 is the provider's own. */
export function toTimeouts(asked: Timeouts | undefined, defaults: Timeouts): Timeouts {
  if (asked === undefined) {
    return defaults;
  }
  return {
    connectMs: asked.connectMs || defaults.connectMs,
    firstTokenMs: asked.firstTokenMs || defaults.firstTokenMs,
    idleMs: asked.idleMs || defaults.idleMs,
    totalMs: asked.totalMs || defaults.totalMs,
  };
}

function parseBody(body: Uint8Array): ChatRequest {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", "The request body is not valid JSON.", { cause });
  }
  if (!isChatRequest(parsed)) {
    throw new AppError("invalid_request", "`messages` must be an array.", { param: "messages" });
  }
  return parsed;
}

function isChatRequest(value: unknown): value is ChatRequest {
  return (
    typeof value === "object" &&
    value !== null &&
    "messages" in value &&
    Array.isArray(value.messages)
  );
}
