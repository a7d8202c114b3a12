import type { Timeouts } from "@fairlead/catalog";
import { AppError } from "@fairlead/errors";
import { parseChatRequest } from "@fairlead/openai";
import type { GenerateRequest } from "@fairlead/proto/adapter/v1/adapter";
import {
  excludesReasoning,
  type Provider,
  type ProviderFaultInfo,
  type ProviderRequest,
  type Target,
} from "@fairlead/providers";
import { faults, refuseRequest } from "../domain/faults.ts";
import { measurePrompt } from "../domain/measure-prompt.ts";

export interface PreparedRequest {
  readonly request: ProviderRequest;
  /** With what the body says of the answer's form. */
  readonly target: Target;
  /** UTF-16 length of the prompt's text. */
  readonly promptLength: number;
}

/**
 * The caller's request in the provider's dialect, or why there is none. `warn` hears of a fault of
 * our own, which the caller is not told.
 */
export function prepareRequest(
  provider: Provider,
  body: Uint8Array,
  plain: Target,
  warn: (error: unknown) => void,
): PreparedRequest | ProviderFaultInfo {
  let isRetryable = false;
  try {
    const chat = parseChatRequest(body);
    // What this dialect cannot express, another endpoint's may.
    isRetryable = true;
    const target = excludesReasoning(chat) ? { ...plain, isReasoningExcluded: true } : plain;
    return { request: provider.request(chat, target), target, promptLength: measurePrompt(chat) };
  } catch (error) {
    const known = AppError.from(error);
    if (known.code !== "internal") {
      return refuseRequest(known, isRetryable);
    }
    warn(error);
    return faults.internal();
  }
}

/** One generation may be tried several times: each try has its own name. */
export function toRequestId({
  generationId,
  attempt,
}: Pick<GenerateRequest, "generationId" | "attempt">): string {
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
    maxCompletionTokens: Number(request.maxCompletionTokens),
    // False is no knowledge: where a model is known not to reason, `reasoning` is unsupported.
    ...(request.isReasoning && { isReasoning: true }),
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
