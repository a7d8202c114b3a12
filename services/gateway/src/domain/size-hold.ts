import { affordableCompletionTokens, worstCaseNano } from "@fairlead/pricing";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { greater } from "./bigints.ts";

/** What a request may use at most. */
export interface TokenDemand {
  /** An estimate of the prompt: the true count may be higher, and is what is charged. */
  readonly promptTokens: number;
  /** As the client asked; 0 when it did not. */
  readonly maxTokens: number;
  /** Answers asked for: each may be `maxTokens` long. */
  readonly choices: number;
}

/** What is to be held for a request, over every candidate that it may end on. nano-USD. */
export interface HoldSize {
  readonly wantNano: bigint;
  readonly needNano: bigint;
}

/** An answer shorter than this is of no use to a client that set no limit. */
const USEFUL_TOKENS = 256;
/** For an endpoint that says neither how much it answers nor how much it reads. */
const UNKNOWN_CAP_TOKENS = 8_192;

/**
 * The worst case of the dearest candidate, for a prompt of the estimated length. A client that
 * named `max_tokens` gets all of it or nothing; one that did not is served as long as a useful
 * answer can be paid.
 */
export function sizeHold(candidates: readonly Candidate[], demand: TokenDemand): HoldSize {
  let wantNano = 0n;
  let needNano = 0n;
  for (const candidate of candidates) {
    const capTokens = completionCap(candidate, demand);
    const want = worstOf(candidate, demand, capTokens);
    wantNano = greater(want, wantNano);
    if (demand.maxTokens === 0) {
      const need = worstOf(candidate, demand, Math.min(USEFUL_TOKENS, capTokens));
      needNano = greater(need, needNano);
    }
  }
  return { wantNano, needNano: demand.maxTokens === 0 ? needNano : wantNano };
}

/**
 * The limit to send upstream, 0 for none: what the hold pays for, where the client's own limit or
 * the endpoint's would let the answer cost more than that.
 */
export function limitCompletion(
  candidate: Candidate,
  demand: TokenDemand,
  heldNano: bigint,
): number {
  const capTokens = completionCap(candidate, demand);
  if (worstOf(candidate, demand, capTokens) <= heldNano) {
    const isBoundedElsewhere =
      demand.maxTokens === capTokens ||
      (demand.maxTokens === 0 && Number(candidate.maxCompletionTokens) === capTokens);
    return isBoundedElsewhere ? 0 : capTokens;
  }
  return Math.max(1, Math.min(capTokens, affordableTokens(candidate, demand, heldNano)));
}

/** Completion tokens of each choice that an amount pays for, on this candidate. */
export function affordableTokens(
  candidate: Candidate,
  demand: TokenDemand,
  budgetNano: bigint,
): number {
  const affordable = affordableCompletionTokens(
    candidate.price ?? {},
    BigInt(demand.promptTokens),
    budgetNano,
  );
  return Number(affordable / BigInt(demand.choices));
}

/** The longest answer that the candidate can give to this request, in tokens of one choice. */
export function completionCap(candidate: Candidate, demand: TokenDemand): number {
  const context = Number(candidate.contextLength);
  const roomTokens =
    context === 0 ? Number.POSITIVE_INFINITY : Math.max(1, context - demand.promptTokens);
  const known = Number(candidate.maxCompletionTokens);
  const endpointCap = known > 0 ? known : context > 0 ? roomTokens : UNKNOWN_CAP_TOKENS;
  return demand.maxTokens > 0 ? Math.min(demand.maxTokens, endpointCap) : endpointCap;
}

function worstOf(candidate: Candidate, demand: TokenDemand, tokens: number): bigint {
  return worstCaseNano(
    candidate.price ?? {},
    BigInt(demand.promptTokens),
    BigInt(tokens) * BigInt(demand.choices),
  );
}
