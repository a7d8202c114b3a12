import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costNano } from "./cost.ts";
import { priceVersion } from "./price-version.ts";
import { rateNames } from "./rates.ts";
import { affordableCompletionTokens, worstCaseNano } from "./worst-case.ts";

const rate = fc.bigInt({ min: 0n, max: 10n ** 9n });

const rates = fc.record({
  promptPico: rate,
  completionPico: rate,
  cacheReadPico: rate,
  cacheWritePico: rate,
  cacheWrite1hPico: rate,
  reasoningPico: rate,
  audioInputPico: rate,
  audioOutputPico: rate,
  imageInputPico: rate,
  requestPico: rate,
});

const tier = fc.record({ minPromptTokens: fc.bigInt({ min: 0n, max: 400_000n }), rates });

/** Prices with up to three tiers in any order, some of them cheaper than the base. */
const anyPrice = fc.record({ rates, tiers: fc.array(tier, { maxLength: 3 }) });

const count = fc.bigInt({ min: 0n, max: 1_000_000n });
const wildCount = fc.bigInt({ min: -1_000n, max: 2_000_000n });

/** Counts as a provider might send them: parts that do not fit their totals, or negative ones. */
const anyTokens = fc.record({
  promptTokens: count,
  completionTokens: count,
  cachedTokens: wildCount,
  cacheWriteTokens: wildCount,
  cacheWrite1hTokens: wildCount,
  reasoningTokens: wildCount,
  audioInputTokens: wildCount,
  audioOutputTokens: wildCount,
  imageInputTokens: wildCount,
});

const price = {
  rates: {
    promptPico: 3_000_000n,
    completionPico: 15_000_000n,
    cacheReadPico: 300_000n,
    cacheWritePico: 3_750_000n,
    reasoningPico: 15_000_000n,
    audioInputPico: 40_000_000n,
    audioOutputPico: 80_000_000n,
    imageInputPico: 3_000_000n,
  },
  tiers: [
    {
      minPromptTokens: 200_000n,
      rates: { promptPico: 6_000_000n, completionPico: 22_500_000n },
    },
  ],
};

describe("costNano", () => {
  it("charges each part at its own rate", () => {
    // 500 x 3 + 400 x 0.3 + 100 x 3.75 = 1995 µUSD; 200 x 15 = 3000 µUSD
    const tokens = {
      promptTokens: 1_000n,
      cachedTokens: 400n,
      cacheWriteTokens: 100n,
      completionTokens: 200n,
      reasoningTokens: 50n,
    };
    expect(costNano(price, tokens)).toEqual({
      costNano: 4_995_000n,
      promptNano: 1_995_000n,
      completionNano: 3_000_000n,
    });
  });

  it("charges what the cache keeps for an hour at its own rate, within all that was written", () => {
    const write = { promptTokens: 100n, cacheWriteTokens: 100n, cacheWrite1hTokens: 40n };
    const long = { rates: { ...price.rates, cacheWrite1hPico: 6_000_000n } };
    // 60 x 3.75 + 40 x 6 = 465 µUSD
    expect(costNano(long, write).costNano).toBe(465_000n);
    expect(costNano(long, { ...write, cacheWrite1hTokens: 999n }).costNano).toBe(600_000n);
    expect(costNano(long, { promptTokens: 100n, cacheWrite1hTokens: 40n }).costNano).toBe(300_000n);
    // A price from before this rate has none: then the one of all writes holds.
    expect(costNano(price, write).costNano).toBe(375_000n);
  });

  it("changes tier strictly above its threshold", () => {
    expect(costNano(price, { promptTokens: 200_000n }).costNano).toBe(600_000_000n);
    expect(costNano(price, { promptTokens: 200_001n }).costNano).toBe(1_200_006_000n);
  });

  it("rounds up once", () => {
    const tiny = { rates: { promptPico: 1n, completionPico: 1n } };
    expect(costNano(tiny, { promptTokens: 1n, completionTokens: 1n }).costNano).toBe(1n);
    expect(costNano(tiny, { promptTokens: 501n, completionTokens: 500n }).costNano).toBe(2n);
    expect(costNano(tiny, {}).costNano).toBe(0n);
  });

  it("charges the request fee even without tokens", () => {
    expect(costNano({ rates: { requestPico: 1_500n } }, {}).costNano).toBe(2n);
  });

  it("cuts parts to their totals and negatives to zero", () => {
    const honest = costNano(price, { promptTokens: 10n, cachedTokens: 10n });
    const lying = { promptTokens: 10n, cachedTokens: 99n, cacheWriteTokens: 99n };
    expect(costNano(price, lying)).toEqual(honest);
    expect(costNano(price, { promptTokens: -10n, completionTokens: -1n }).costNano).toBe(0n);
  });

  it("refuses negative rates and costs past int64", () => {
    expect(() => costNano({ rates: { promptPico: -1n } }, {})).toThrow(RangeError);
    const huge = { promptTokens: 2n ** 62n };
    expect(() => costNano(price, huge)).toThrow(RangeError);
  });

  it("is never negative, never above its worst case, and adds up", () => {
    fc.assert(
      fc.property(anyPrice, anyTokens, fc.nat(1_000), (somePrice, tokens, slack) => {
        const cost = costNano(somePrice, tokens);
        expect(cost.costNano).toBeGreaterThanOrEqual(0n);
        expect(cost.promptNano).toBeGreaterThanOrEqual(0n);
        expect(cost.completionNano).toBeGreaterThanOrEqual(0n);
        expect(cost.promptNano + cost.completionNano).toBe(cost.costNano);
        const held = worstCaseNano(
          somePrice,
          tokens.promptTokens + BigInt(slack),
          tokens.completionTokens + BigInt(slack),
        );
        expect(held).toBeGreaterThanOrEqual(cost.costNano);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("affordableCompletionTokens", () => {
  it("is the largest count whose worst case fits", () => {
    const budget = fc.bigInt({ min: 0n, max: 10n ** 13n });
    const prompt = fc.bigInt({ min: 0n, max: 1_000_000n });
    fc.assert(
      fc.property(anyPrice, prompt, budget, (somePrice, promptTokens, budgetNano) => {
        const tokens = affordableCompletionTokens(somePrice, promptTokens, budgetNano);
        if (tokens === 2n ** 63n - 1n) {
          return;
        }
        if (tokens > 0n) {
          expect(worstCaseNano(somePrice, promptTokens, tokens)).toBeLessThanOrEqual(budgetNano);
        }
        expect(worstCaseNano(somePrice, promptTokens, tokens + 1n)).toBeGreaterThan(budgetNano);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has no bound when completions are free", () => {
    const free = { rates: { promptPico: 1_000n } };
    expect(affordableCompletionTokens(free, 5n, 5n)).toBe(2n ** 63n - 1n);
    expect(affordableCompletionTokens(free, 6n, 5n)).toBe(0n);
  });
});

describe("priceVersion", () => {
  it("is stable: stored usage names it", () => {
    expect(priceVersion({ promptPico: 3_000_000n }, [])).toBe("2bed7163380607f9");
  });

  it("tells every rate and tier apart", () => {
    const versions = new Set([priceVersion({}, [])]);
    for (const name of rateNames) {
      versions.add(priceVersion({ [name]: 1n }, []));
      versions.add(priceVersion({}, [{ minPromptTokens: 1n, rates: { [name]: 1n } }]));
    }
    expect(versions.size).toBe(1 + 2 * rateNames.length);
  });
});
