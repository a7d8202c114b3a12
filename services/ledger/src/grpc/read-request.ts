import { AppError } from "@fairlead/errors";

const TEXT_LENGTH_MAX = 200;

/** A text field that must be there; AppError names it otherwise. */
export function requireText(value: string, field: string, lengthMax = TEXT_LENGTH_MAX): string {
  if (value === "" || value.length > lengthMax) {
    const text = `${field} must have 1 to ${lengthMax} characters.`;
    throw new AppError("invalid_request", text, { param: field });
  }
  return value;
}

/** An amount or count that must not be negative. */
export function requireAmount(value: bigint, field: string, min = 0n): bigint {
  if (value < min) {
    throw new AppError("invalid_request", `${field} must be at least ${min}.`, { param: field });
  }
  return value;
}
