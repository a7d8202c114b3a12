import { create } from "@fairlead/proto/wire";
import { type Pool, query } from "@fairlead/db";
import { type UsageEvent, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import type { UsageDetails } from "./usage-details.ts";

export interface Generation {
  readonly event: UsageEvent;
  readonly postedAtMs: bigint;
}

/** A posted event as its sender sent it, with the cost that was charged; undefined if unknown. */
export async function readGeneration(
  pool: Pool,
  accountId: string,
  generationId: string,
): Promise<Generation | undefined> {
  const [row] = await query<GenerationRow>(pool, {
    name: "generation",
    text: `SELECT u.*, (extract(epoch FROM u.posted_at) * 1000)::bigint AS posted_at_ms, p.price
      FROM usage_events u LEFT JOIN prices p ON p.version = u.price_version
      WHERE u.generation_id = $1 AND u.account_id = $2`,
    values: [generationId, accountId],
  });
  return row && { event: decodeEvent(row), postedAtMs: row.posted_at_ms };
}

function decodeEvent(row: GenerationRow): UsageEvent {
  const { attempts, cacheWrite1hTokens, statedCostNano: _, ...details } = row.details;
  return create(UsageEventSchema, {
    ...details,
    generationId: row.generation_id,
    accountId: row.account_id,
    keyId: row.key_id,
    leaseId: row.lease_id,
    leaseSeq: row.lease_seq,
    endpointId: row.endpoint_id,
    provider: row.provider,
    model: row.model,
    requestedModel: row.requested_model,
    price: {
      version: row.price_version,
      rates: decodeRates(row.price?.rates),
      tiers: (row.price?.tiers ?? []).map((tier) => ({
        minPromptTokens: BigInt(tier.minPromptTokens ?? 0),
        rates: decodeRates(tier.rates),
      })),
    },
    tokens: {
      promptTokens: row.prompt_tokens,
      completionTokens: row.completion_tokens,
      cachedTokens: row.cached_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      reasoningTokens: row.reasoning_tokens,
      audioInputTokens: row.audio_input_tokens,
      audioOutputTokens: row.audio_output_tokens,
      imageInputTokens: row.image_input_tokens,
      source: row.usage_source,
      cacheWrite1hTokens: BigInt(cacheWrite1hTokens ?? 0),
    },
    costNano: row.cost_nano,
    outcome: row.outcome,
    createdMs: row.created_ms,
    attempts: [...(attempts ?? [])],
  });
}

function decodeRates(rates: Record<string, string> = {}): Record<string, bigint> {
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, BigInt(rate)]));
}

interface StoredPrice {
  readonly rates?: Record<string, string>;
  readonly tiers?: readonly { minPromptTokens?: string; rates?: Record<string, string> }[];
}

interface GenerationRow {
  readonly generation_id: string;
  readonly account_id: string;
  readonly key_id: string;
  readonly lease_id: string;
  readonly lease_seq: bigint;
  readonly endpoint_id: string;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string;
  readonly price_version: string;
  readonly prompt_tokens: bigint;
  readonly completion_tokens: bigint;
  readonly cached_tokens: bigint;
  readonly cache_write_tokens: bigint;
  readonly reasoning_tokens: bigint;
  readonly audio_input_tokens: bigint;
  readonly audio_output_tokens: bigint;
  readonly image_input_tokens: bigint;
  readonly usage_source: number;
  readonly outcome: number;
  readonly cost_nano: bigint;
  readonly created_ms: bigint;
  readonly details: UsageDetails;
  readonly posted_at_ms: bigint;
  readonly price: StoredPrice | null;
}
