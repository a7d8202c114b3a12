import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFixture, type EndpointFacts } from "./plan-fixture.ts";
import { candidatesMax } from "./plan.ts";

const provider = fc.constantFrom("a", "b", "c", "d/turbo", "d/flex", "e", "absent");
const facts: fc.Arbitrary<EndpointFacts> = fc.record({
  provider,
  promptPico: fc.bigInt(0n, 10n ** 9n),
  contextLength: fc.constantFrom(0, 4_000, 128_000),
  quantization: fc.constantFrom("fp8", "bf16", "unknown"),
  supportedParameters: fc.subarray(["tools", "response_format", "temperature", "max_tokens"]),
  isDisabled: fc.boolean(),
});
const names = fc.subarray(["a", "b", "d", "d/flex", "e", "nobody"]);
const request = fc.record({
  promptTokens: fc.bigInt(0n, 200_000n),
  maxTokens: fc.bigInt(0n, 200_000n),
  parameters: fc.subarray(["tools", "response_format", "temperature", "n"]),
  stickyKey: fc.bigInt(0n, 2n ** 64n - 1n),
  provider: fc.record({
    order: names,
    only: names,
    ignore: names,
    requireParameters: fc.boolean(),
    sort: fc.constantFrom("", "price", "latency", "throughput", "exacto"),
  }),
});

describe("plan", () => {
  it("accounts for every endpoint once, within the limit, or says why there is none", () => {
    const endpoints = fc.uniqueArray(facts, { maxLength: 12, selector: (each) => each.provider });
    fc.assert(
      fc.property(endpoints, request, (list, wanted) => {
        fc.pre(list.length > 0);
        const planned = createFixture(list).run({ ...wanted, explain: true });
        const chosen = planned.candidates.map((each) => each.routed.endpoint.provider);
        const left = planned.exclusions.map((each) => each.routed.endpoint.provider);
        expect([...chosen, ...left].sort()).toEqual(list.map((each) => each.provider).sort());
        expect(chosen.length).toBeLessThanOrEqual(candidatesMax);
        expect(planned.noCandidate === undefined).toBe(chosen.length > 0);
        expect(planned.message === "").toBe(chosen.length > 0);
        expect(chosen).not.toContain("absent");
        for (const each of planned.candidates) {
          const { only, ignore } = wanted.provider;
          expect(each.routed.endpoint.isDisabled).toBe(false);
          expect(only.length === 0 || only.some((n) => each.routed.providerNames.includes(n))).toBe(
            true,
          );
          expect(ignore.some((n) => each.routed.providerNames.includes(n))).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});
