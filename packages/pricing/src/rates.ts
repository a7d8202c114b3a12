import type { PriceInit, RatesInit } from "./price-init.ts";

export const rateNames = [
  "promptPico",
  "completionPico",
  "cacheReadPico",
  "cacheWritePico",
  "reasoningPico",
  "audioInputPico",
  "audioOutputPico",
  "imageInputPico",
  "requestPico",
  "cacheWrite1hPico",
] as const;

export type RateName = (typeof rateNames)[number];

/** Rates with every field there: pico-USD, none negative. */
export type FullRates = Readonly<Record<RateName, bigint>>;

/**
 * Fills absent rates with 0, that of writes for an hour with that of all cache writes; RangeError
 * on a negative one, which would turn a charge to credit.
 */
export function fillRates(rates: RatesInit | undefined): FullRates {
  return {
    promptPico: readRate(rates, "promptPico"),
    completionPico: readRate(rates, "completionPico"),
    cacheReadPico: readRate(rates, "cacheReadPico"),
    cacheWritePico: readRate(rates, "cacheWritePico"),
    reasoningPico: readRate(rates, "reasoningPico"),
    audioInputPico: readRate(rates, "audioInputPico"),
    audioOutputPico: readRate(rates, "audioOutputPico"),
    imageInputPico: readRate(rates, "imageInputPico"),
    requestPico: readRate(rates, "requestPico"),
    cacheWrite1hPico: readRate(rates, "cacheWrite1hPico") || readRate(rates, "cacheWritePico"),
  };
}

/** The rates of a request with so many prompt tokens: the last tier strictly below them wins. */
export function selectRates(price: PriceInit, promptTokens: bigint): FullRates {
  let selected = price.rates;
  for (const tier of price.tiers ?? []) {
    if (promptTokens > (tier.minPromptTokens ?? 0n)) {
      selected = tier.rates;
    }
  }
  return fillRates(selected);
}

/** The rates of every request with at most so many prompt tokens: base and each reachable tier. */
export function reachableRates(price: PriceInit, promptTokensUpper: bigint): FullRates[] {
  const reachable = [fillRates(price.rates)];
  for (const tier of price.tiers ?? []) {
    if (promptTokensUpper > (tier.minPromptTokens ?? 0n)) {
      reachable.push(fillRates(tier.rates));
    }
  }
  return reachable;
}

function readRate(rates: RatesInit | undefined, name: RateName): bigint {
  const rate = rates?.[name] ?? 0n;
  if (rate < 0n) {
    throw new RangeError(`rate ${name} is negative`);
  }
  return rate;
}
