import { isDeeperThan } from "@fairlead/openai";

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

/** Far beyond what people nest; JSON.stringify recurses, and a few thousand levels exhaust it. */
const depthMax = 128;

/** Undefined when the text is not JSON, not an object, or nested beyond all use. */
export function parseObject(text: string): JsonObject | undefined {
  let value: JsonObject | undefined;
  try {
    value = readObject(JSON.parse(text));
  } catch {
    return undefined;
  }
  // Each level takes two characters, so that most events are not even searched.
  const isSuspect = text.length > 2 * depthMax && countOpenings(text) > depthMax;
  return value !== undefined && isSuspect && isDeeperThan(value, depthMax) ? undefined : value;
}

/** Brackets that may open a level, those inside strings too; no further than `depthMax` + 1. */
function countOpenings(text: string): number {
  let count = 0;
  for (const bracket of ["{", "["]) {
    let position = text.indexOf(bracket);
    while (position !== -1 && count <= depthMax) {
      count += 1;
      position = text.indexOf(bracket, position + 1);
    }
  }
  return count;
}
