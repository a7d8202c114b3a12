import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { priceVersion } from "@fairlead/pricing";
import { Outcome, type UsageEvent, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessEvent } from "./assess-event.ts";
import { PriceBook } from "./price-book.ts";

const rates = { promptPico: 1_000_000n, completionPico: 2_000_000n };

type Fields = Exclude<MessageInitShape<typeof UsageEventSchema>, UsageEvent>;

function createEvent(fields: Fields = {}) {
  return create(UsageEventSchema, {
    generationId: "gen-1",
    accountId: "acc",
    keyId: "key",
    price: { version: priceVersion(rates, []), rates },
    tokens: { promptTokens: 10n, completionTokens: 5n },
    costNano: 20_000n,
    outcome: Outcome.COMPLETED,
    createdMs: 1_700_000_000_000n,
    ...fields,
  });
}

function assess(fields: Fields = {}) {
  return assessEvent(createEvent(fields), new PriceBook());
}

describe("assessEvent", () => {
  it("agrees with an honest sender", () => {
    expect(assess()).toMatchObject({ isGood: true, costNano: 20_000n, isMisstated: false });
    expect(assess({ outcome: Outcome.CANCELLED })).toMatchObject({ costNano: 20_000n });
  });

  it("refuses a cost that would overflow the totals of its batch or its account", () => {
    const tokens = { promptTokens: 9n * 10n ** 14n };
    expect(assess({ tokens })).toMatchObject({ isGood: false });
    expect(assess({ tokens, outcome: Outcome.FAILED })).toMatchObject({ isGood: true });
  });

  it("charges a failed request nothing, whatever it states", () => {
    expect(assess({ outcome: Outcome.FAILED })).toMatchObject({ costNano: 0n, isMisstated: true });
  });

  it("charges what the price says, not what is stated", () => {
    for (const costNano of [0n, -5n, 10n ** 15n]) {
      expect(assess({ costNano })).toMatchObject({ costNano: 20_000n, isMisstated: true });
    }
  });

  it("names the price by its rates, not by what it is called", () => {
    const prices = new PriceBook();
    const honest = assessEvent(createEvent(), prices);
    if (!honest.isGood) {
      throw new Error(honest.reason);
    }
    prices.remember(honest.priceVersion, honest.price);
    const other = { promptPico: 1n };
    const lying = createEvent({ price: { version: honest.priceVersion, rates: other } });
    expect(assessEvent(lying, prices)).toMatchObject({ priceVersion: priceVersion(other, []) });
    expect(assessEvent(createEvent(), prices)).toMatchObject({
      priceVersion: honest.priceVersion,
    });
  });

  it.each([
    ["generation_id", { generationId: "" }],
    ["account_id", { accountId: "x".repeat(201) }],
    ["outcome", { outcome: Outcome.UNSPECIFIED }],
    ["created_ms", { createdMs: 0n }],
    ["token count", { tokens: { promptTokens: -1n } }],
    ["token count", { tokens: { completionTokens: 2n ** 62n } }],
    ["rate", { price: { rates: { promptPico: -1n } } }],
    [
      "too large",
      { price: { rates: { promptPico: 2n ** 62n } }, tokens: { promptTokens: 9n ** 15n } },
    ],
  ])("refuses a bad %s", (part, fields) => {
    const assessed = assess(fields);
    expect(assessed.isGood).toBe(false);
    expect(!assessed.isGood && assessed.reason).toContain(part);
  });

  it.each(["price", "tokens"] as const)("refuses a completed event without %s", (part) => {
    const event = createEvent();
    delete event[part];
    expect(assessEvent(event, new PriceBook()).isGood).toBe(false);
  });

  it.each([Outcome.FAILED, Outcome.CANCELLED])(
    "takes an event of outcome %d that reached no endpoint",
    (outcome) => {
      const event = createEvent({ outcome, costNano: 0n });
      delete event.price;
      delete event.tokens;
      expect(assessEvent(event, new PriceBook())).toMatchObject({
        isGood: true,
        costNano: 0n,
        isMisstated: false,
        tokens: { promptTokens: 0n, completionTokens: 0n },
        priceVersion: priceVersion({}, []),
      });
    },
  );

  it("refuses a cancelled event that used something at no price", () => {
    const event = createEvent({ outcome: Outcome.CANCELLED });
    delete event.price;
    expect(assessEvent(event, new PriceBook()).isGood).toBe(false);
  });

  it("never throws and never credits, whatever the numbers", () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(int64, int64, int64, int64, (promptPico, promptTokens, cached, costNano) => {
        const assessed = assess({
          price: { rates: { promptPico, cacheReadPico: promptPico } },
          tokens: { promptTokens, cachedTokens: cached },
          costNano,
        });
        expect(assessed.isGood ? assessed.costNano >= 0n : true).toBe(true);
      }),
    );
  });
});
