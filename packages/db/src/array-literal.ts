const needsEscape = /["\\]/;
const escaped = /["\\]/g;

/**
 * Postgres's text form of text[]: several times cheaper than the driver's own, which matters for
 * batches of some hundred rows. NUL, which Postgres cannot store, is dropped.
 */
export function textArray(values: readonly string[]): string {
  let literal = "{";
  for (let index = 0; index < values.length; index += 1) {
    literal += `${index === 0 ? "" : ","}"${escapeText(values[index] ?? "")}"`;
  }
  return `${literal}}`;
}

/** Postgres's text form of int[] and bigint[]. */
export function integerArray(values: readonly (bigint | number)[]): string {
  return `{${values.join(",")}}`;
}

function escapeText(value: string): string {
  const clean = value.includes("\0") ? value.replaceAll("\0", "") : value;
  return needsEscape.test(clean) ? clean.replace(escaped, "\\$&") : clean;
}
