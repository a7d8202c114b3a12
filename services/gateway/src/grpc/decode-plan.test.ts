import { create } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { NoCandidate, PlanResponseSchema } from "@fairlead/proto/router/v1/router";
import { describe, expect, it } from "vitest";
import { PlanDecoder } from "./decode-plan.ts";

const price = { version: "1", rates: { promptPico: 5n }, tiers: [{ minPromptTokens: 7n }] };
const plan = create(PlanResponseSchema, {
  candidates: [
    { endpointId: "a", provider: "one", price, unsupportedParameters: ["top_k"] },
    { endpointId: "b", provider: "zwei ü", timeouts: { totalMs: 9 } },
  ],
  exclusions: [{ endpointId: "c", reason: "ignored" }],
  noCandidate: NoCandidate.CONSTRAINTS,
  message: "ü",
  catalogVersion: 2n ** 63n,
  strategy: "weighted",
});

describe("PlanDecoder", () => {
  it("reads what protobuf-es wrote, in any order of fields", () => {
    const bytes = encode(PlanResponseSchema, plan);
    expect(new PlanDecoder().decode(bytes)).toEqual(plan);
    const tail = encode(PlanResponseSchema, { strategy: "order" });
    const mixed = Buffer.concat([tail, bytes, tail]);
    expect(new PlanDecoder().decode(mixed)).toEqual({ ...plan, strategy: "order" });
  });

  it("gives the same candidate for the same bytes, and another for others", () => {
    const decoder = new PlanDecoder();
    const bytes = encode(PlanResponseSchema, plan);
    const [first] = decoder.decode(bytes).candidates;
    const [again, other] = decoder.decode(bytes).candidates;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("throws at what is not a plan", () => {
    const bytes = encode(PlanResponseSchema, plan);
    expect(() => new PlanDecoder().decode(bytes.subarray(0, bytes.length - 3))).toThrow();
  });
});
