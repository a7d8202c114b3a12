import { create } from "@fairlead/proto/wire";
import { costNano, int64Max } from "@fairlead/pricing";
import { type Price, PriceSchema } from "@fairlead/proto/pricing/v1/price";
import {
  Outcome,
  type TokenUsage,
  TokenUsageSchema,
  type UsageEvent,
} from "@fairlead/proto/usage/v1/usage";
import type { PriceBook } from "./price-book.ts";

/** 2100-01-01: a later admission is a broken clock. */
const CREATED_MS_MAX = 4_102_444_800_000n;
const ID_LENGTH_MAX = 200;
/** 100,000 USD. The books' running totals, which are int64, must take it many times over. */
const COST_NANO_MAX = 100_000n * 1_000_000_000n;
/** Of a request that reached no endpoint. */
const noPrice: Price = create(PriceSchema, { rates: {} });
const noTokens: TokenUsage = create(TokenUsageSchema);

/** An event as it will be posted. The charge is ours, computed from the event's own price. */
export interface AssessedEvent {
  readonly isGood: true;
  readonly event: UsageEvent;
  readonly tokens: TokenUsage;
  readonly price: Price;
  readonly priceVersion: string;
  readonly costNano: bigint;
  /** The sender stated another cost than the price and the tokens give. */
  readonly isMisstated: boolean;
}

export interface RefusedEvent {
  readonly isGood: false;
  readonly event: UsageEvent;
  /** Why it can never be posted. */
  readonly reason: string;
}

/**
 * Checks an event and computes its charge again: an event can neither charge more than its price
 * says, nor be cheaper, nor turn into a credit. A failed request costs nothing.
 */
export function assessEvent(event: UsageEvent, prices: PriceBook): AssessedEvent | RefusedEvent {
  const isFree = costsNothing(event);
  const price = event.price ?? (isFree ? noPrice : undefined);
  const tokens = event.tokens ?? (isFree ? noTokens : undefined);
  const reason = findFault(event);
  if (reason !== undefined || price === undefined || tokens === undefined) {
    return { isGood: false, event, reason: reason ?? "it has no price or no tokens" };
  }
  try {
    const charge = isFree ? 0n : costNano(price, tokens).costNano;
    if (charge > COST_NANO_MAX) {
      return { isGood: false, event, reason: "its cost is beyond belief" };
    }
    return {
      isGood: true,
      event,
      tokens,
      price,
      priceVersion: prices.identify(price),
      costNano: charge,
      isMisstated: charge !== event.costNano,
    };
  } catch (error) {
    if (error instanceof RangeError) {
      return { isGood: false, event, reason: error.message };
    }
    throw error;
  }
}

/**
 * A failed request, and one that its client gave up before anything was counted. Neither may have
 * a price or tokens, yet both have their place in a lease: put aside, they would leave a gap.
 */
function costsNothing({ outcome, price, tokens }: UsageEvent): boolean {
  if (outcome !== Outcome.CANCELLED) {
    return outcome === Outcome.FAILED;
  }
  const isUnused = (tokens?.promptTokens ?? 0n) === 0n && (tokens?.completionTokens ?? 0n) === 0n;
  return isUnused && (price === undefined || tokens === undefined);
}

function findFault(event: UsageEvent): string | undefined {
  if (!isId(event.generationId)) {
    return "generation_id is empty or too long";
  }
  if (!isId(event.accountId)) {
    return "account_id is empty or too long";
  }
  if (event.keyId.length > ID_LENGTH_MAX || event.leaseId.length > 2 * ID_LENGTH_MAX) {
    return "key_id or lease_id is too long";
  }
  if (event.outcome === Outcome.UNSPECIFIED || Outcome[event.outcome] === undefined) {
    return "outcome is not known";
  }
  if (event.createdMs <= 0n || event.createdMs > CREATED_MS_MAX) {
    return "created_ms is not a time";
  }
  return event.tokens === undefined ? undefined : findTokenFault(event.tokens);
}

function findTokenFault(tokens: TokenUsage): string | undefined {
  const { promptTokens, completionTokens } = tokens;
  if (promptTokens < 0n || completionTokens < 0n) {
    return "a token count is negative";
  }
  // Sums over a batch must fit an int64 as well.
  const isTooMany = promptTokens > int64Max / 10_000n || completionTokens > int64Max / 10_000n;
  return isTooMany ? "a token count is too large" : undefined;
}

function isId(text: string): boolean {
  return text.length > 0 && text.length <= ID_LENGTH_MAX;
}
