import { AppError } from "@fairlead/errors";
import { Denial } from "@fairlead/proto/ledger/v1/ledger";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { affordableTokens, completionCap, type TokenDemand } from "./size-hold.ts";
import type { HoldRefusal } from "./wallet.ts";

const IN_FLIGHT_RETRY_MS = 1_000;

/** The 402 of a request that cannot be paid; it says what could be. */
export function refuseHold(
  refusal: HoldRefusal,
  candidate: Candidate,
  demand: TokenDemand,
): AppError {
  if (refusal.denial === Denial.IN_FLIGHT) {
    return new AppError(
      "payment_required",
      "The rest of the credit is held by requests in flight. Try again in a moment.",
      { metadata: toMetadata(), retryAfterMs: IN_FLIGHT_RETRY_MS },
    );
  }
  const remedy =
    refusal.denial === Denial.KEY_LIMIT
      ? "To increase, use a key with a higher limit."
      : "To increase, add credits to the account.";
  const requested = completionCap(candidate, demand) * demand.choices;
  const affordable = affordableTokens(candidate, demand, refusal.availableNano) * demand.choices;
  return new AppError(
    "payment_required",
    `This request requires more credits, or fewer max_tokens. You requested up to ${requested} tokens, but can only afford ${Math.min(affordable, requested)}. ${remedy}`,
    { metadata: toMetadata(), param: "max_tokens" },
  );
}

function toMetadata(): Record<string, unknown> {
  return { error_type: "payment_required", provider_name: null };
}
