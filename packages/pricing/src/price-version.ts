import { createHash } from "node:crypto";
import type { RatesInit, TierInit } from "./price-init.ts";
import { rateNames } from "./rates.ts";

/**
 * A digest of the rates (16 hex digits), so that the same rates have the same version everywhere
 * and for ever. The text that is hashed is part of the format of stored usage: never change it.
 */
export function priceVersion(rates: RatesInit, tiers: readonly TierInit[]): string {
  const parts = [describeRates(rates)];
  for (const tier of tiers) {
    parts.push(`>${tier.minPromptTokens ?? 0n}:${describeRates(tier.rates ?? {})}`);
  }
  return createHash("sha256").update(parts.join("|")).digest("hex").slice(0, 16);
}

/**
 * The rate for an hour came later: left out where there is none, it leaves older versions as they
 * were.
 */
function describeRates(rates: RatesInit): string {
  const names = rates.cacheWrite1hPico ? rateNames : rateNames.slice(0, -1);
  return names.map((name) => rates[name] ?? 0n).join(",");
}
