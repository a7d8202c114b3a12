import { decode } from "@fairlead/proto/wire";
import { CandidateSchema, PlanResponseSchema } from "@fairlead/proto/router/v1/router";
import { expect, it } from "vitest";
import { catalogOf } from "../domain/policy/plan-fixture.ts";
import { createRoutingCatalog } from "../domain/catalog/routing-catalog.ts";
import { CandidateEncoder, toCandidateInit } from "./candidate-encoder.ts";

/** One endpoint of a model that reasons. */
function createCandidate() {
  const catalog = catalogOf([{ provider: "one", maxCompletionTokens: 64_000 }]);
  const models = new Map([...catalog.models].map(([id, it]) => [id, { ...it, isReasoning: true }]));
  const [routed] = createRoutingCatalog({ ...catalog, models }).endpoints.values();
  if (routed === undefined) {
    throw new Error("the fixture has no endpoint");
  }
  return { routed, pool: "default", unsupported: 0 };
}

it("tells of an endpoint what the catalog knows of its model", () => {
  expect(toCandidateInit(createCandidate(), [])).toMatchObject({
    maxCompletionTokens: 64_000n,
    isReasoning: true,
  });
});

it("encodes a candidate once, as a field of the plan", () => {
  const encoder = new CandidateEncoder();
  const candidate = createCandidate();
  const field = encoder.encode(candidate, []);
  expect(encoder.encode(candidate, []).data).toBe(field.data);
  const plan = decode(PlanResponseSchema, Buffer.from([(field.no << 3) | 2, ...field.data]));
  expect(plan.candidates).toMatchObject([{ $typeName: CandidateSchema.typeName, pool: "default" }]);
  expect(plan.candidates[0]?.isReasoning).toBe(true);
});
