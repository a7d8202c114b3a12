import { ceilNano } from "./cost.ts";
import { int64Max } from "./decimal.ts";
import type { PriceInit } from "./price-init.ts";
import { type FullRates, reachableRates } from "./rates.ts";

/**
 * The most that a request can cost (nano-USD) with at most so many prompt and completion tokens,
 * however the provider splits them between plain, cached, reasoning, audio or images, and in
 * whichever tier it ends. This is what is held at admission: never less than costNano.
 */
export function worstCaseNano(
  price: PriceInit,
  promptTokensUpper: bigint,
  maxCompletionTokens: bigint,
): bigint {
  let worstPico = 0n;
  for (const rates of reachableRates(price, promptTokensUpper)) {
    const pico =
      fixedPico(rates, promptTokensUpper) + maxCompletionTokens * highestCompletionRate(rates);
    if (pico > worstPico) {
      worstPico = pico;
    }
  }
  return ceilNano(worstPico);
}

/**
 * The most completion tokens whose worst case fits the budget (nano-USD); 0 when not even the
 * prompt and one token fit, int64's maximum when completions are free.
 */
export function affordableCompletionTokens(
  price: PriceInit,
  promptTokensUpper: bigint,
  budgetNano: bigint,
): bigint {
  const budgetPico = budgetNano * 1_000n;
  let affordable = int64Max;
  for (const rates of reachableRates(price, promptTokensUpper)) {
    const leftPico = budgetPico - fixedPico(rates, promptTokensUpper);
    if (leftPico < 0n) {
      return 0n;
    }
    const rate = highestCompletionRate(rates);
    const tokens = rate === 0n ? int64Max : leftPico / rate;
    if (tokens < affordable) {
      affordable = tokens;
    }
  }
  return affordable;
}

function fixedPico(rates: FullRates, promptTokensUpper: bigint): bigint {
  const highest = max(
    rates.promptPico,
    rates.cacheReadPico,
    rates.cacheWritePico,
    rates.cacheWrite1hPico,
    rates.audioInputPico,
    rates.imageInputPico,
  );
  return rates.requestPico + promptTokensUpper * highest;
}

function highestCompletionRate(rates: FullRates): bigint {
  return max(rates.completionPico, rates.reasoningPico, rates.audioOutputPico);
}

function max(first: bigint, ...others: bigint[]): bigint {
  let highest = first;
  for (const other of others) {
    if (other > highest) {
      highest = other;
    }
  }
  return highest;
}
