import { formatRates } from "../snapshot-format.ts";
import { ratesFromUsd } from "../price.ts";
import type { ModelsDevCost } from "./wire.ts";

/**
 * models.dev holds results of float arithmetic such as 0.09999999999999999, so a price is rounded
 * to the nearest pico-USD per token (6 decimal places of USD per million) on its decimal text.
 */
export function roundUsd(text: string, places: number): string {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) {
    throw new RangeError(`"${text}" is not a price`);
  }
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const shift = places + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const divisor = 10n ** BigInt(Math.max(0, -shift));
  const scaled = digits * 10n ** BigInt(Math.max(0, shift));
  const rounded = (scaled * 2n + divisor) / (divisor * 2n);
  return `${rounded}e-${places}`;
}

/** A price in the snapshot's form; undefined when the source has none, which is not "free". */
export function convertPrice(
  cost: ModelsDevCost | undefined,
): { rates: string; tiers: (readonly [number, string])[] } | undefined {
  if (cost?.input === undefined || cost.output === undefined) {
    return undefined;
  }
  const tiers = (cost.tiers ?? []).flatMap((tier) => {
    const { type = "context", size } = tier.tier ?? {};
    const isUsable = type === "context" && size !== undefined && tier.input !== undefined;
    return isUsable ? [[size, convertRates(tier)] as const] : [];
  });
  return { rates: convertRates(cost), tiers: tiers.sort((a, b) => a[0] - b[0]) };
}

function convertRates(cost: ModelsDevCost): string {
  const round = (text: string | undefined) => (text === undefined ? undefined : roundUsd(text, 6));
  return formatRates(
    ratesFromUsd({
      prompt: roundUsd(cost.input ?? "0", 6),
      completion: roundUsd(cost.output ?? "0", 6),
      cache_read: round(cost.cache_read),
      cache_write: round(cost.cache_write),
      reasoning: round(cost.reasoning),
      audio_input: round(cost.input_audio),
      audio_output: round(cost.output_audio),
      request: cost.request === undefined ? undefined : roundUsd(cost.request, 12),
    }),
  );
}
