import { describe, expect, it } from "vitest";
import { convertPrice, roundUsd } from "./convert-price.ts";

describe("roundUsd", () => {
  it.each([
    ["0.09999999999999999", "100000e-6"],
    ["2.5", "2500000e-6"],
    ["1e-7", "0e-6"],
    ["5e-7", "1e-6"],
    ["14.993999999999998", "14994000e-6"],
    ["30", "30000000e-6"],
  ])("%s USD per million is %s", (text, expected) => {
    expect(roundUsd(text, 6)).toBe(expected);
  });
});

describe("convertPrice", () => {
  it("does not take an absent price for a free one", () => {
    expect(convertPrice(undefined)).toBeUndefined();
    expect(convertPrice({ input: "1" })).toBeUndefined();
    expect(convertPrice({ input: "0", output: "0" })?.rates).toBe("");
  });

  it("leaves default rates out and sorts tiers", () => {
    const tier = (size: number) => ({ tier: { size }, input: "2", output: "4" });
    const price = convertPrice({
      input: "1",
      output: "2",
      cache_read: "0.1",
      tiers: [tier(9), tier(5)],
    });
    expect(price).toEqual({
      rates: "1000000,2000000,100000",
      tiers: [
        [5, "2000000,4000000"],
        [9, "2000000,4000000"],
      ],
    });
  });
});
