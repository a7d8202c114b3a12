const decimalPattern = /^(\d{1,30})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** The largest value of a protobuf or Postgres int64: no amount or rate may pass it. */
export const int64Max = 2n ** 63n - 1n;

/**
 * The value of a non-negative decimal text times 10^scale, exactly.
 *
 * Throws RangeError when the text is no such decimal, when digits would be lost, or past int64.
 */
export function parseDecimal(text: string, scale: number): bigint {
  const match = decimalPattern.exec(text);
  if (match === null) {
    throw new RangeError(`"${text.slice(0, 60)}" is not a non-negative decimal number`);
  }
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const shift = scale + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : divideExactly(digits, -shift, text);
  if (value > int64Max) {
    throw new RangeError(`"${text}" is too large`);
  }
  return value;
}

/** `value` / 10^scale as the shortest plain decimal: no exponent, no trailing zeros. */
export function formatDecimal(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

function divideExactly(digits: bigint, places: number, text: string): bigint {
  const divisor = 10n ** BigInt(places);
  if (digits % divisor !== 0n) {
    throw new RangeError(`"${text}" has more decimal places than can be held exactly`);
  }
  return digits / divisor;
}
