import { describe, expect, it } from "vitest";
import { type AttemptProgress, findTimeout } from "./find-timeout.ts";

/** Arrived at 1,000, sent at 1,100, a byte at 1,500. */
function findAt(nowMs: number, progress: Partial<AttemptProgress>): string | undefined {
  return findTimeout(nowMs, {
    phase: "answering",
    timeouts: { connectMs: 200, firstTokenMs: 1_000, idleMs: 3_000, totalMs: 60_000 },
    arrivedAtMs: 1_000,
    sentAtMs: 1_100,
    lastByteAtMs: 1_500,
    isStream: true,
    hasBegun: false,
    httpStatus: 0,
    ...progress,
  })?.message;
}

describe("findTimeout", () => {
  it.each([
    ["a slot, from the arrival", { phase: "queued" }, 1_200, /Too many calls/],
    ["a connection, from the arrival", { phase: "connecting" }, 1_200, /did not take/],
    ["the first token, from the sending", { phase: "sent" }, 2_100, /did not begin/],
    ["the first token after the head", { phase: "answering" }, 2_100, /did not begin/],
    ["more, from the last byte", { hasBegun: true }, 4_500, /in the middle/],
    ["more of an answer in one piece", { isStream: false }, 4_500, /in the middle/],
    ["the end, from the arrival", { hasBegun: true, lastByteAtMs: 61_000 }, 61_000, /finish/],
  ] as const)("waits for %s, and no longer", (_what, progress, lastMs, message) => {
    expect(findAt(lastMs, progress)).toBeUndefined();
    expect(findAt(lastMs + 1, progress)).toMatch(message);
  });

  it("waits for the whole of an answer in one piece that has not begun", () => {
    expect(findAt(60_000, { phase: "sent", isStream: false })).toBeUndefined();
  });

  it.each(["lingering", "over"] as const)("has no deadline of its own when %s", (phase) => {
    expect(findAt(60_000, { phase })).toBeUndefined();
  });
});
