import { UsageSource } from "@fairlead/proto/usage/v1/usage";
import { describe, expect, it } from "vitest";
import { completeUsage, countOutputTokens, noUsage } from "./complete-usage.ts";

const said = { ...noUsage.usage, promptTokens: 100, completionTokens: 1, cachedTokens: 60 };
const facts = {
  usage: undefined,
  isFinished: true,
  promptLength: 41,
  outputLength: 50,
  outputEvents: 0,
};

describe("completeUsage", () => {
  it("takes the provider's word on an answer that ended", () => {
    expect(completeUsage({ ...facts, usage: said })).toEqual({
      usage: said,
      source: UsageSource.PROVIDER,
    });
  });

  it("does not believe in counts that nobody can have used", () => {
    for (const lie of [{ promptTokens: 9e14 }, { completionTokens: 9e14 }]) {
      expect(completeUsage({ ...facts, usage: { ...said, ...lie } })).toEqual(completeUsage(facts));
    }
  });

  it("estimates an answer that ended without a word on its usage", () => {
    const { usage, source } = completeUsage(facts);
    // 41 / 4 and 50 / 4, rounded up
    expect([usage.promptTokens, usage.completionTokens, source]).toEqual([
      11,
      13,
      UsageSource.ESTIMATED,
    ]);
  });

  it("counts the output of an answer that was cut, and keeps what was said of the prompt", () => {
    const { usage, source } = completeUsage({ ...facts, usage: said, isFinished: false });
    expect(usage).toEqual({ ...said, completionTokens: 13 });
    expect(source).toBe(UsageSource.COUNTED);
  });

  it("does not count less than the provider already did", () => {
    const usage = { ...said, completionTokens: 40 };
    expect(completeUsage({ ...facts, usage, isFinished: false }).usage.completionTokens).toBe(40);
  });
});

describe("countOutputTokens", () => {
  it("counts events where each is a token", () => {
    expect(countOutputTokens(55, 10)).toBe(10);
    // Ten events of one Chinese character each are ten tokens, not three.
    expect(countOutputTokens(10, 10)).toBe(10);
  });

  it("counts characters where events are larger, and where there are none", () => {
    expect(countOutputTokens(200, 10)).toBe(50);
    expect(countOutputTokens(9, 0)).toBe(3);
    expect(countOutputTokens(0, 0)).toBe(0);
  });
});
