import { formatDecimal, parseDecimal } from "./decimal.ts";

/** "2.5" USD per million tokens → 2500000n pico-USD per token. RangeError if it is not exact. */
export function picoFromUsdPerMillion(text: string): bigint {
  return parseDecimal(text, 6);
}

/**
 * "0.005" USD (a request's fixed fee, or a per-token price) → pico-USD. RangeError if not exact.
 */
export function picoFromUsd(text: string): bigint {
  return parseDecimal(text, 12);
}

/** "12.5" USD → nano-USD. RangeError if it is not exact. */
export function nanoFromUsd(text: string): bigint {
  return parseDecimal(text, 9);
}

/** nano-USD → exact decimal USD: 1500n → "0.0000015". */
export function usdFromNano(nano: bigint): string {
  return formatDecimal(nano, 9);
}

/** pico-USD per token → decimal USD per token, as the public API shows prices: "0.0000025". */
export function usdPerTokenFromPico(pico: bigint): string {
  return formatDecimal(pico, 12);
}
