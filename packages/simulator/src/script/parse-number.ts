import { ScriptError } from "./script-error.ts";

/** A finite number between `minimum` and `maximum`, or a ScriptError that names the key. */
export function parseNumber(key: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < minimum || value > maximum) {
    throw new ScriptError(`${key} must be a number from ${minimum} to ${maximum}, not "${text}"`);
  }
  return value;
}

export function parseInteger(key: string, text: string, minimum: number, maximum: number): number {
  const value = parseNumber(key, text, minimum, maximum);
  if (!Number.isInteger(value)) {
    throw new ScriptError(`${key} must be a whole number, not "${text}"`);
  }
  return value;
}
