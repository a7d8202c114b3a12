import { readString } from "./read.ts";

export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longer advice is treated as this: a day. */
const retryAfterMaxMs = 86_400_000;

/**
 * When the provider wants to be asked again, in milliseconds; 0 = it did not say. A date is
 * measured against the answer's own `date` header, so no clock is needed.
 */
export function readRetryAfter(headers: ResponseHeaders): number {
  const milliseconds = Number(first(headers["retry-after-ms"]) || Number.NaN);
  if (milliseconds >= 0) {
    return bound(milliseconds);
  }
  const text = first(headers["retry-after"]);
  if (text === "") {
    return 0;
  }
  const seconds = Number(text);
  if (seconds >= 0) {
    return bound(seconds * 1_000);
  }
  const difference = Date.parse(text) - Date.parse(first(headers.date));
  return difference > 0 ? bound(difference) : 0;
}

/** A protobuf duration such as `34.4s`, in milliseconds; 0 when it is none. */
export function readDuration(value: unknown): number {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(readString(value));
  return match === null ? 0 : bound(Number(match[1]) * 1_000);
}

function first(value: string | readonly string[] | undefined): string {
  return (typeof value === "string" ? value : value?.[0]) ?? "";
}

function bound(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), retryAfterMaxMs);
}
