import { describe, expect, it } from "vitest";
import { type AttemptFacts, AttemptBatches } from "./attempt-batches.ts";
import { faults } from "./faults.ts";

const success: AttemptFacts = {
  atMs: 1,
  isSuccess: true,
  isCancelled: false,
  fault: undefined,
  firstTokenMs: 1,
  durationMs: 2,
  completionTokens: 3,
};
const failure = { ...success, isSuccess: false, fault: faults.unreachable("ECONNREFUSED") };

function record() {
  const sent: [string, number][] = [];
  const batches = new AttemptBatches((id, attempts) => sent.push([id, attempts.length]));
  return { sent, batches };
}

describe("AttemptBatches", () => {
  it("gathers successes by endpoint until it is flushed", () => {
    const { sent, batches } = record();
    batches.add("a", success);
    batches.add("b", success);
    batches.add("a", success);
    expect(sent).toEqual([]);
    batches.flush();
    expect(sent).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    batches.flush();
    expect(sent).toHaveLength(2);
  });

  it("sends a failure at once, after the successes before it", () => {
    const { sent, batches } = record();
    batches.add("a", success);
    batches.add("a", failure);
    expect(sent).toEqual([["a", 2]]);
  });

  it("holds no more than a message should carry", () => {
    const { sent, batches } = record();
    for (let index = 0; index < 600; index += 1) {
      batches.add("a", success);
    }
    expect(sent).toEqual([
      ["a", 256],
      ["a", 256],
    ]);
  });
});
