import { encode } from "@fairlead/proto/wire";
import { Outcome, UsageEventSchema, UsageSource } from "@fairlead/proto/usage/v1/usage";
import { describe, expect, it } from "vitest";
import { completeBill, toTokens } from "./complete-bill.ts";
import { noUsage } from "./complete-usage.ts";

const template = encode(UsageEventSchema, {
  generationId: "gen-1",
  accountId: "account-1",
  leaseId: "lease-1",
  leaseSeq: 7n,
  price: { version: "v", rates: { promptPico: 2_000_000n, completionPico: 3_000_000n } },
});
const facts = {
  usage: { ...noUsage.usage, promptTokens: 10, completionTokens: 5 },
  source: UsageSource.COUNTED,
  outcome: Outcome.CANCELLED,
  finishReason: "",
  nativeFinishReason: "",
  upstreamId: "chatcmpl-1",
  firstTokenMs: 12.4,
  durationMs: 99.6,
};

describe("completeBill", () => {
  it("adds tokens, cost and outcome to what the gateway prepared", () => {
    const event = completeBill(template, facts);
    // (10 × 2,000,000 + 5 × 3,000,000) pico-USD = 35,000 nano-USD
    expect(event.costNano).toBe(35_000n);
    expect(event).toMatchObject({
      generationId: "gen-1",
      leaseSeq: 7n,
      outcome: Outcome.CANCELLED,
      upstreamId: "chatcmpl-1",
      firstTokenMs: 12,
      durationMs: 100,
    });
    expect(event.tokens?.source).toBe(UsageSource.COUNTED);
  });

  it("charges nothing for what failed", () => {
    const event = completeBill(template, { ...facts, outcome: Outcome.FAILED });
    expect(event.costNano).toBe(0n);
    expect(event.tokens?.promptTokens).toBe(10n);
  });

  it("refuses a template that is none", () => {
    expect(() => completeBill(new Uint8Array([0xff, 0xff]), facts)).toThrow();
  });
});

describe("toTokens", () => {
  it("takes nothing from a provider that is not a count", () => {
    const usage = {
      ...noUsage.usage,
      promptTokens: -5,
      completionTokens: Number.NaN,
      cachedTokens: Number.POSITIVE_INFINITY,
      reasoningTokens: 2.9,
    };
    expect(toTokens(usage, UsageSource.PROVIDER)).toMatchObject({
      promptTokens: 0n,
      completionTokens: 0n,
      cachedTokens: 0n,
      reasoningTokens: 2n,
    });
  });
});
