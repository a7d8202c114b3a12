import { describe, expect, it } from "vitest";
import { usageWindows } from "./usage-windows.ts";

function datesOf(text: string): string[] {
  const { day, week, month } = usageWindows(Date.parse(text));
  return [day, week, month].map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
}

describe("usageWindows", () => {
  it.each([
    // a Saturday
    ["2026-11-21T10:00:00Z", "2026-11-21", "2026-11-16", "2026-11-01"],
    // a Sunday, its last millisecond: still the week of the Monday before
    ["2026-11-22T23:59:59.999Z", "2026-11-22", "2026-11-16", "2026-11-01"],
    ["2026-11-23T00:00:00Z", "2026-11-23", "2026-11-23", "2026-11-01"],
    ["2026-03-01T00:00:00Z", "2026-03-01", "2026-02-23", "2026-03-01"],
    ["1970-01-01T00:00:00Z", "1970-01-01", "1969-12-29", "1970-01-01"],
  ])("places %s", (moment, ...dates) => {
    expect(datesOf(moment)).toEqual(dates);
  });
});
