import { type Cost, costNano } from "@fairlead/pricing";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { Outcome, type TokenUsage } from "@fairlead/proto/usage/v1/usage";
import { estimateUsage, noUsage } from "./estimate-usage.ts";

const free: Cost = { costNano: 0n, promptNano: 0n, completionNano: 0n };

/** How a generation ended, for its bill. */
export interface ChargeFacts {
  /** Undefined when none was reached: then there is nothing to pay. */
  readonly candidate: Candidate | undefined;
  readonly tokens: TokenUsage | undefined;
  readonly finishReason: string;
  /** The client went away before the end. */
  readonly isCancelled: boolean;
  /** The provider failed after content. */
  readonly isFaulty: boolean;
}

export interface Charge {
  readonly outcome: Outcome;
  readonly cost: Cost;
}

/**
 * What a generation costs. An error costs nothing, and neither does an answer without a token or
 * a reason to end; a client that leaves pays for what was produced until then.
 */
export function chargeGeneration(facts: ChargeFacts): Charge {
  const { candidate, tokens, finishReason } = facts;
  if (facts.isFaulty || finishReason === "error") {
    return { outcome: Outcome.FAILED, cost: free };
  }
  const completionTokens = tokens?.completionTokens ?? 0n;
  if (facts.isCancelled) {
    return { outcome: Outcome.CANCELLED, cost: tokens ? price(candidate, tokens) : free };
  }
  if (tokens === undefined || (completionTokens === 0n && finishReason === "")) {
    return { outcome: Outcome.FAILED, cost: free };
  }
  return { outcome: Outcome.COMPLETED, cost: price(candidate, tokens) };
}

/** An answer of which nothing came: cancelled by its client, or else failed. */
export function chargeNothing(isCancelled: boolean): Charge {
  return { outcome: isCancelled ? Outcome.CANCELLED : Outcome.FAILED, cost: free };
}

/**
 * Of an answer whose worker never said what it used, by the bytes that were passed on: only a
 * client that left pays for what it had.
 */
export function chargeEstimate(
  candidate: Candidate | undefined,
  promptTokens: number,
  deliveredBytes: number,
  isCancelled: boolean,
): { readonly charge: Charge; readonly tokens: TokenUsage } {
  const tokens = deliveredBytes > 0 ? estimateUsage(promptTokens, deliveredBytes) : noUsage();
  const facts = { candidate, tokens, finishReason: "", isCancelled, isFaulty: !isCancelled };
  return { charge: chargeGeneration(facts), tokens };
}

/** A provider that claims more tokens than can be priced is not believed at all. */
function price(candidate: Candidate | undefined, tokens: TokenUsage): Cost {
  try {
    return costNano(candidate?.price ?? {}, tokens);
  } catch {
    return free;
  }
}
