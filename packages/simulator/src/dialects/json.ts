import { Refusal } from "./refusal.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of an array; anything else is refused in the name of `param`. */
export function readObjects(value: unknown, param: string): readonly JsonObject[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw new Refusal(400, `${param}: expected an array`, { param });
  }
  return value.map((item, index) => {
    if (!isObject(item)) {
      throw new Refusal(400, `${param}.${index}: expected an object`, { param });
    }
    return item;
  });
}

export function readString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A whole number of at least one, or undefined when absent. */
export function readPositiveInteger(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw new Refusal(400, `${param}: expected a whole number of at least 1`, { param });
  }
  return value;
}

/** Refuses the first field that is not known, in the words of the dialect. */
export function refuseUnknown(
  body: JsonObject,
  known: ReadonlySet<string>,
  describe: (field: string) => Refusal,
): void {
  for (const field in body) {
    if (!known.has(field)) {
      throw describe(field);
    }
  }
}
