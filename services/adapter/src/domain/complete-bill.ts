import { decode } from "@fairlead/proto/wire";
import type { TokenUsage } from "@fairlead/openai";
import { costNano } from "@fairlead/pricing";
import {
  Outcome,
  type UsageEvent,
  UsageEventSchema,
  type UsageSource,
  type TokenUsage as UsageTokens,
} from "@fairlead/proto/usage/v1/usage";

/** How a generation ended: what its usage template lacks. */
export interface BillFacts {
  readonly usage: TokenUsage;
  readonly source: UsageSource;
  readonly outcome: Outcome;
  readonly finishReason: string;
  readonly nativeFinishReason: string;
  readonly upstreamId: string;
  readonly firstTokenMs: number;
  readonly durationMs: number;
}

/**
 * Fills the template in that the gateway left for the case of its death. An answer that failed
 * costs nothing, as it would have at the gateway. Throws when the template cannot be read.
 */
export function completeBill(template: Uint8Array, facts: BillFacts): UsageEvent {
  const event = decode(UsageEventSchema, template);
  const tokens = toTokens(facts.usage, facts.source);
  event.tokens = tokens;
  event.outcome = facts.outcome;
  event.costNano =
    facts.outcome === Outcome.FAILED || event.price === undefined
      ? 0n
      : costNano(event.price, tokens).costNano;
  event.finishReason = facts.finishReason;
  event.nativeFinishReason = facts.nativeFinishReason;
  event.upstreamId = facts.upstreamId;
  event.firstTokenMs = Math.round(facts.firstTokenMs);
  event.durationMs = Math.round(facts.durationMs);
  return event;
}

/**
 * Counts come from providers, so what is no whole number of at least 0 is made one. Written out
 * whole, which is faster than `create`.
 */
export function toTokens(usage: TokenUsage, source: UsageSource): UsageTokens {
  return {
    $typeName: "fairlead.usage.v1.TokenUsage",
    promptTokens: toCount(usage.promptTokens),
    completionTokens: toCount(usage.completionTokens),
    cachedTokens: toCount(usage.cachedTokens),
    cacheWriteTokens: toCount(usage.cacheWriteTokens),
    reasoningTokens: toCount(usage.reasoningTokens),
    audioInputTokens: toCount(usage.audioInputTokens),
    audioOutputTokens: toCount(usage.audioOutputTokens),
    imageInputTokens: toCount(usage.imageInputTokens),
    source,
    cacheWrite1hTokens: toCount(usage.cacheWrite1hTokens ?? 0),
  };
}

function toCount(value: number): bigint {
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? BigInt(Math.trunc(value)) : 0n;
}
