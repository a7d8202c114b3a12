import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRates, parseRates } from "./snapshot-format.ts";

const rate = fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 12n));
const rates = fc.record({
  promptPico: rate,
  completionPico: rate,
  cacheReadPico: rate,
  cacheWritePico: rate,
  reasoningPico: rate,
  audioInputPico: rate,
  audioOutputPico: rate,
  imageInputPico: rate,
  requestPico: rate,
  cacheWrite1hPico: rate,
});

describe("formatRates", () => {
  it("loses nothing", () => {
    fc.assert(
      fc.property(rates, (value) => {
        expect(parseRates(formatRates(value))).toEqual(value);
      }),
    );
  });
});
