import { AppError } from "@fairlead/errors";

/** A value of the parsed body whose shape is not known yet. */
export type JsonObject = Record<string, unknown>;

export function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", `${param}: ${message}`, { param });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Null means "not set": whoever reads the object later finds the field absent. */
export function deleteNulls(object: JsonObject): void {
  for (const key in object) {
    if (object[key] === null) {
      delete object[key];
    }
  }
}

export function requireObject(value: unknown, param: string): JsonObject {
  if (!isObject(value)) {
    throw invalid(param, `must be an object, not ${describe(value)}.`);
  }
  return value;
}

export function requireArray(value: unknown, param: string, countMax: number): unknown[] {
  if (!Array.isArray(value)) {
    throw invalid(param, `must be an array, not ${describe(value)}.`);
  }
  if (value.length > countMax) {
    throw invalid(param, `has ${value.length} items; at most ${countMax} are taken.`);
  }
  return value;
}

export function requireString(value: unknown, param: string, lengthMax: number): string {
  if (typeof value !== "string") {
    throw invalid(param, `must be a string, not ${describe(value)}.`);
  }
  if (value.length > lengthMax) {
    throw invalid(param, `is ${value.length} characters long; at most ${lengthMax} are taken.`);
  }
  return value;
}

export function requireText(value: unknown, param: string, lengthMax: number): string {
  if (requireString(value, param, lengthMax) === "") {
    throw invalid(param, "must not be empty.");
  }
  return value as string;
}

export function requireBoolean(value: unknown, param: string): boolean {
  if (typeof value !== "boolean") {
    throw invalid(param, `must be true or false, not ${describe(value)}.`);
  }
  return value;
}

/** JSON has no NaN, but 1e309 parses to Infinity. */
export function requireNumber(value: unknown, param: string, min: number, max: number): number {
  if (typeof value !== "number") {
    throw invalid(param, `must be a number, not ${describe(value)}.`);
  }
  if (!(value >= min && value <= max)) {
    throw invalid(param, `must be between ${min} and ${max}.`);
  }
  return value;
}

export function requireInteger(value: unknown, param: string, min: number, max: number): number {
  if (typeof value !== "number") {
    throw invalid(param, `must be a whole number, not ${describe(value)}.`);
  }
  if (!(Number.isSafeInteger(value) && value >= min && value <= max)) {
    throw invalid(param, `must be a whole number between ${min} and ${max}.`);
  }
  return value;
}

export function requireOneOf(value: unknown, param: string, allowed: ReadonlySet<string>): string {
  if (typeof value !== "string" || !allowed.has(value)) {
    throw invalid(param, `must be one of ${[...allowed].join(", ")}.`);
  }
  return value;
}

export function requireStrings(
  value: unknown,
  param: string,
  countMax: number,
  lengthMax: number,
): string[] {
  const items = requireArray(value, param, countMax);
  for (let index = 0; index < items.length; index += 1) {
    requireText(items[index], `${param}[${index}]`, lengthMax);
  }
  return items as string[];
}

/** Names the type of a value for a message; never its content. */
export function describe(value: unknown): string {
  if (value === null) {
    return "null";
  }
  if (value === undefined) {
    return "missing";
  }
  if (Array.isArray(value)) {
    return "an array";
  }
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
