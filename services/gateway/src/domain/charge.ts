import { type Cost, costNano } from "@fairlead/pricing";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { Outcome, type TokenUsage } from "@fairlead/proto/usage/v1/usage";

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

/** A provider that claims more tokens than can be priced is not believed at all. */
function price(candidate: Candidate | undefined, tokens: TokenUsage): Cost {
  try {
    return costNano(candidate?.price ?? {}, tokens);
  } catch {
    return free;
  }
}
