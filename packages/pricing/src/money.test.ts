import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nanoFromUsd,
  picoFromUsd,
  picoFromUsdPerMillion,
  usdFromNano,
  usdPerTokenFromPico,
} from "./money.ts";

const int64 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });

describe("parsing", () => {
  it.each([
    ["0.05", 50_000n],
    ["3", 3_000_000n],
    ["0", 0n],
    ["2.50", 2_500_000n],
    ["5e-2", 50_000n],
    ["0.000001", 1n],
  ])("reads %s USD per million tokens as %s pico-USD a token", (text, pico) => {
    expect(picoFromUsdPerMillion(text)).toBe(pico);
  });

  it.each([
    "",
    " 1",
    "-1",
    "+1",
    "1.",
    ".5",
    "1,5",
    "NaN",
    "Infinity",
    "0x10",
    "1e309",
    "1e99",
    "0.0000001",
    "99999999999999999999",
  ])("refuses %j", (text) => {
    expect(() => picoFromUsdPerMillion(text)).toThrow(RangeError);
  });

  it("reads a request fee and an amount", () => {
    expect(picoFromUsd("0.005")).toBe(5_000_000_000n);
    expect(nanoFromUsd("12.5")).toBe(12_500_000_000n);
  });
});

describe("formatting", () => {
  it.each([
    [0n, "0"],
    [1n, "0.000000001"],
    [1_500_000_000n, "1.5"],
    [-1n, "-0.000000001"],
    [10_000_000_000n, "10"],
  ])("writes %s nano-USD as %s", (nano, text) => {
    expect(usdFromNano(nano)).toBe(text);
  });

  it("writes the public per-token price", () => {
    expect(usdPerTokenFromPico(2_500_000n)).toBe("0.0000025");
  });

  it("round-trips every amount", () => {
    fc.assert(
      fc.property(int64, (value) => {
        expect(nanoFromUsd(usdFromNano(value))).toBe(value);
        expect(picoFromUsd(usdPerTokenFromPico(value))).toBe(value);
      }),
    );
  });
});
