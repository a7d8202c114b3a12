import { create } from "@fairlead/proto/wire";
import { type TokenUsage, TokenUsageSchema, UsageSource } from "@fairlead/proto/usage/v1/usage";

/** Rough size of one streamed token in bytes of its SSE event, all its JSON around it included. */
const EVENT_BYTES_PER_TOKEN = 200;

/**
 * What a generation used whose worker never said: the prompt's estimate, and the answer by the
 * bytes that were delivered. Marked as an estimate on the bill.
 */
export function estimateUsage(promptTokens: number, deliveredBytes: number): TokenUsage {
  return create(TokenUsageSchema, {
    promptTokens: BigInt(promptTokens),
    completionTokens: BigInt(Math.ceil(deliveredBytes / EVENT_BYTES_PER_TOKEN)),
    source: UsageSource.ESTIMATED,
  });
}

/** Nothing was produced. */
export function noUsage(): TokenUsage {
  return create(TokenUsageSchema, { source: UsageSource.ESTIMATED });
}
