import { create } from "@bufbuild/protobuf";
import { costNano } from "@fairlead/pricing";
import { Denial } from "@fairlead/proto/ledger/v1/ledger";
import { PriceSchema } from "@fairlead/proto/pricing/v1/price";
import { CandidateSchema } from "@fairlead/proto/router/v1/router";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refuseHold } from "./refuse-hold.ts";
import { completionCap, limitCompletion, sizeHold } from "./size-hold.ts";

const rate = fc.bigInt(0n, 100_000_000n);
const candidates = fc.array(
  fc.record({
    contextLength: fc.constantFrom(0n, 8_000n, 200_000n),
    maxCompletionTokens: fc.constantFrom(0n, 100n, 4_096n),
    promptPico: rate,
    completionPico: rate,
    reasoningPico: rate,
    requestPico: rate,
    longPromptPico: rate,
  }),
  { minLength: 1, maxLength: 5 },
);
const demand = fc.record({
  promptTokens: fc.integer({ min: 0, max: 7_000 }),
  maxTokens: fc.constantFrom(0, 1, 50, 1_000, 1_000_000),
  choices: fc.integer({ min: 1, max: 4 }),
});

function toCandidate(facts: Record<string, bigint>) {
  const { contextLength = 0n, maxCompletionTokens = 0n, longPromptPico = 0n, ...rates } = facts;
  const long = { ...rates, promptPico: longPromptPico };
  return create(CandidateSchema, {
    contextLength,
    maxCompletionTokens,
    price: create(PriceSchema, { rates, tiers: [{ minPromptTokens: 1_000n, rates: long }] }),
  });
}

describe("sizeHold", () => {
  it("covers whatever any candidate may cost, tiers and reasoning included", () => {
    fc.assert(
      fc.property(
        candidates,
        demand,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, it, share) => {
          const all = list.map(toCandidate);
          const { wantNano, needNano } = sizeHold(all, it);
          expect(needNano).toBeLessThanOrEqual(wantNano);
          for (const candidate of all) {
            const cap = completionCap(candidate, it) * it.choices;
            const completionTokens = BigInt(Math.floor(cap * share));
            const promptTokens = BigInt(Math.floor(it.promptTokens * share));
            const reasoningTokens = completionTokens / 2n;
            const tokens = { promptTokens, completionTokens, reasoningTokens };
            expect(costNano(candidate.price ?? {}, tokens).costNano).toBeLessThanOrEqual(wantNano);
          }
        },
      ),
    );
  });

  it("sends a limit that the hold pays for whenever less than the worst case is held", () => {
    fc.assert(
      fc.property(candidates, demand, fc.integer({ min: 0, max: 100 }), (list, it, percent) => {
        const all = list.map(toCandidate);
        const { wantNano, needNano } = sizeHold(all, { ...it, maxTokens: 0 });
        const held = needNano + ((wantNano - needNano) * BigInt(percent)) / 100n;
        for (const candidate of all) {
          const free = { ...it, maxTokens: 0 };
          const limit = limitCompletion(candidate, free, held);
          const tokens = limit === 0 ? completionCap(candidate, free) : limit;
          const completionTokens = BigInt(tokens * it.choices);
          const cost = costNano(candidate.price ?? {}, {
            promptTokens: BigInt(it.promptTokens),
            completionTokens,
          });
          expect(cost.costNano).toBeLessThanOrEqual(held);
        }
      }),
    );
  });

  it("cuts a max_tokens that the endpoint does not take, and leaves one that it does", () => {
    const candidate = toCandidate({ maxCompletionTokens: 100n });
    const facts = { promptTokens: 10, choices: 1 };
    expect(limitCompletion(candidate, { ...facts, maxTokens: 500 }, 0n)).toBe(100);
    expect(limitCompletion(candidate, { ...facts, maxTokens: 50 }, 0n)).toBe(0);
    expect(limitCompletion(candidate, { ...facts, maxTokens: 0 }, 0n)).toBe(0);
    expect(limitCompletion(toCandidate({}), { ...facts, maxTokens: 0 }, 0n)).toBe(8_192);
  });
});

describe("refuseHold", () => {
  // 10 prompt tokens at 1 nano, completions at 2 nano: 30 nano pay for 10 of them.
  const candidate = toCandidate({
    maxCompletionTokens: 100n,
    promptPico: 1_000n,
    longPromptPico: 1_000n,
    completionPico: 2_000n,
  });
  const facts = { promptTokens: 10, maxTokens: 50, choices: 1 };

  it("says what was asked and what can be had", () => {
    const error = refuseHold({ denial: Denial.CREDIT, availableNano: 30n }, candidate, facts);
    expect(error).toMatchObject({ httpStatus: 402, retryAfterMs: undefined });
    expect(error.message).toContain("You requested up to 50 tokens, but can only afford 10.");
    expect(error.message).toContain("add credits");
  });

  it("tells a key's limit from an account's credit, and both from money in flight", () => {
    const limit = refuseHold({ denial: Denial.KEY_LIMIT, availableNano: 0n }, candidate, facts);
    expect(limit.message).toContain("key with a higher limit");
    const flight = refuseHold({ denial: Denial.IN_FLIGHT, availableNano: 0n }, candidate, facts);
    expect(flight).toMatchObject({ httpStatus: 402, retryAfterMs: 1_000 });
  });
});
