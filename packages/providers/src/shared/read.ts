/**
 * Readers of what a provider sent. Nothing about it is sure: each gives undefined (or an empty
 * value) where the type is not the expected one, so that a hostile answer is only an odd one.
 */
export type JsonObject = { readonly [field: string]: unknown };

export function readObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function readArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function readString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A count of tokens: a whole number from 0; anything else counts as 0. */
export function readCount(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** Undefined when the text is not JSON or not an object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return readObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
