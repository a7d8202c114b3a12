import { int64Max } from "./decimal.ts";
import type { PriceInit, TokenUsageInit } from "./price-init.ts";
import { selectRates } from "./rates.ts";

const picoPerNano = 1_000n;

/** nano-USD; promptNano + completionNano = costNano, the request fee being in the prompt's part. */
export interface Cost {
  readonly costNano: bigint;
  readonly promptNano: bigint;
  readonly completionNano: bigint;
}

/**
 * What one request costs: every count at its own rate, summed in pico-USD, rounded up once.
 *
 * Counts come from providers, so they are not trusted: a negative count is 0, and a part larger
 * than what is left of its total (cached, cache-write, audio, image in this order for the prompt;
 * reasoning, audio for the completion) is cut to it. The total is never exceeded by its parts.
 *
 * Throws RangeError on a negative rate or a cost past int64.
 */
export function costNano(price: PriceInit, tokens: TokenUsageInit): Cost {
  const promptTokens = atLeastZero(tokens.promptTokens);
  const completionTokens = atLeastZero(tokens.completionTokens);
  const rates = selectRates(price, promptTokens);

  const cached = clamp(tokens.cachedTokens, promptTokens);
  let promptLeft = promptTokens - cached;
  const written = clamp(tokens.cacheWriteTokens, promptLeft);
  const writtenFor1h = clamp(tokens.cacheWrite1hTokens, written);
  promptLeft -= written;
  const audioInput = clamp(tokens.audioInputTokens, promptLeft);
  promptLeft -= audioInput;
  const images = clamp(tokens.imageInputTokens, promptLeft);
  promptLeft -= images;

  const reasoning = clamp(tokens.reasoningTokens, completionTokens);
  let completionLeft = completionTokens - reasoning;
  const audioOutput = clamp(tokens.audioOutputTokens, completionLeft);
  completionLeft -= audioOutput;

  const promptPico =
    rates.requestPico +
    promptLeft * rates.promptPico +
    cached * rates.cacheReadPico +
    (written - writtenFor1h) * rates.cacheWritePico +
    writtenFor1h * rates.cacheWrite1hPico +
    audioInput * rates.audioInputPico +
    images * rates.imageInputPico;
  const completionPico =
    completionLeft * rates.completionPico +
    reasoning * rates.reasoningPico +
    audioOutput * rates.audioOutputPico;
  return splitCost(promptPico, completionPico);
}

/** pico-USD → nano-USD, rounded up. RangeError past int64. */
export function ceilNano(pico: bigint): bigint {
  const nano = (pico + picoPerNano - 1n) / picoPerNano;
  if (nano > int64Max) {
    throw new RangeError("the cost of the request is too large");
  }
  return nano;
}

function splitCost(promptPico: bigint, completionPico: bigint): Cost {
  const total = ceilNano(promptPico + completionPico);
  const promptNano = completionPico === 0n ? total : promptPico / picoPerNano;
  return { costNano: total, promptNano, completionNano: total - promptNano };
}

function atLeastZero(count: bigint | undefined): bigint {
  return count === undefined || count < 0n ? 0n : count;
}

function clamp(count: bigint | undefined, upper: bigint): bigint {
  const positive = atLeastZero(count);
  return positive > upper ? upper : positive;
}
