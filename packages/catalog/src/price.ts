import { picoFromUsd, picoFromUsdPerMillion, priceVersion } from "@fairlead/pricing";
import type { Dialect } from "./provider.ts";

/** Integer pico-USD per unit; assignable to the protobuf `fairlead.pricing.v1.Rates`. */
export interface Rates {
  readonly promptPico: bigint;
  readonly completionPico: bigint;
  readonly cacheReadPico: bigint;
  readonly cacheWritePico: bigint;
  readonly reasoningPico: bigint;
  readonly audioInputPico: bigint;
  readonly audioOutputPico: bigint;
  readonly imageInputPico: bigint;
  readonly requestPico: bigint;
  /** Cache writes that are kept for an hour; 0 = `cacheWritePico` holds for them too. */
  readonly cacheWrite1hPico: bigint;
}

export interface Tier {
  readonly minPromptTokens: bigint;
  readonly rates: Rates;
}

/** Assignable to the protobuf `fairlead.pricing.v1.Price`. */
export interface Price {
  readonly version: string;
  readonly rates: Rates;
  readonly tiers: Tier[];
}

/** USD as decimal texts: per million tokens, but `request`, which is per request. */
export interface UsdRates {
  readonly prompt: string;
  readonly completion: string;
  readonly cache_read?: string | undefined;
  readonly cache_write?: string | undefined;
  readonly cache_write_1h?: string | undefined;
  readonly reasoning?: string | undefined;
  readonly audio_input?: string | undefined;
  readonly audio_output?: string | undefined;
  readonly image_input?: string | undefined;
  readonly request?: string | undefined;
}

/**
 * Rates that a source leaves out are those that a provider applies in their place: cached and
 * non-text input at the prompt's rate, reasoning and audio output at the completion's.
 */
export function ratesFromUsd(usd: UsdRates): Rates {
  const prompt = picoFromUsdPerMillion(usd.prompt);
  const completion = picoFromUsdPerMillion(usd.completion);
  const read = (text: string | undefined, otherwise: bigint): bigint =>
    text === undefined ? otherwise : picoFromUsdPerMillion(text);
  return {
    promptPico: prompt,
    completionPico: completion,
    cacheReadPico: read(usd.cache_read, prompt),
    cacheWritePico: read(usd.cache_write, prompt),
    reasoningPico: read(usd.reasoning, completion),
    audioInputPico: read(usd.audio_input, prompt),
    audioOutputPico: read(usd.audio_output, completion),
    imageInputPico: read(usd.image_input, prompt),
    requestPico: usd.request === undefined ? 0n : picoFromUsd(usd.request),
    cacheWrite1hPico: read(usd.cache_write_1h, 0n),
  };
}

/**
 * Anthropic asks twice the prompt's rate for what its cache keeps for an hour, which price lists
 * leave out: it holds where cache writes have a price of their own.
 */
export function completeRates(rates: Rates, dialect: Dialect): Rates {
  const isLacking = rates.cacheWrite1hPico === 0n && rates.cacheWritePico > rates.promptPico;
  return isLacking && dialect === "anthropic"
    ? { ...rates, cacheWrite1hPico: 2n * rates.promptPico }
    : rates;
}

export function createPrice(rates: Rates, tiers: readonly Tier[]): Price {
  const list = [...tiers];
  return { version: priceVersion(rates, list), rates, tiers: list };
}
