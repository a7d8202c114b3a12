const nanoPerUsd = 1_000_000_000n;

/**
 * An amount in nano-USD as an exact JSON number in USD, such as `0.00095`: never through a float,
 * never in exponent form.
 */
export function nanoToDecimal(nano: bigint): string {
  const isNegative = nano < 0n;
  const absolute = isNegative ? -nano : nano;
  const whole = absolute / nanoPerUsd;
  const fraction = absolute % nanoPerUsd;
  const sign = isNegative ? "-" : "";
  if (fraction === 0n) {
    return `${sign}${whole}`;
  }
  return `${sign}${whole}.${fraction.toString().padStart(9, "0").replace(/0+$/, "")}`;
}
