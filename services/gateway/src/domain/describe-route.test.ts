import { expect, it } from "vitest";
import { candidate } from "../test-platform/answers.test-helper.ts";
import { noWorker } from "./attempt-failure.ts";
import { describeRoute, encodeRoute, type Route } from "./describe-route.ts";

const one = candidate("one");
const two = candidate("two", { model: "acme/two" });
const excluded = { endpointId: "endpoint-three" } as Route["plan"]["exclusions"][number];
const plan = { candidates: [one, two], exclusions: [excluded] };

function failedOn({ endpointId, provider, providerName, model }: typeof one, httpStatus: number) {
  const failure = { ...noWorker, httpStatus };
  return { endpointId, provider, providerName, model, failure, latencyMs: 1 };
}

it("tells who answered, and of whom it could have been", () => {
  expect(describeRoute({ requested: ["acme/one"], plan, failed: [], selected: one })).toEqual({
    requested: "acme/one",
    strategy: "direct",
    region: null,
    summary: "available=2, selected=ONE",
    attempt: 1,
    is_byok: false,
    endpoints: {
      total: 3,
      available: [
        { provider: "ONE", model: "acme/one", selected: true },
        { provider: "TWO", model: "acme/two", selected: false },
      ],
    },
    attempts: [{ provider: "ONE", model: "acme/one", status: 200 }],
  });
});

it("tells of the attempts that failed before", () => {
  const failed = [failedOn(one, 503)];
  const route = { requested: ["acme/one", "acme/two"], plan, failed, selected: two };
  expect(describeRoute(route)).toMatchObject({
    strategy: "fallback",
    attempt: 2,
    attempts: [
      { provider: "ONE", model: "acme/one", status: 503 },
      { provider: "TWO", model: "acme/two", status: 200 },
    ],
  });
});

it("tells of a request that no provider was tried for", () => {
  const nobody = { candidates: [], exclusions: [excluded] };
  const route = { requested: ["acme/one"], plan: nobody, failed: [], selected: undefined };
  expect(describeRoute(route)).toEqual({
    requested: "acme/one",
    strategy: "direct",
    region: null,
    summary: "available=0, selected=none",
    attempt: 0,
    is_byok: false,
    endpoints: { total: 1, available: [] },
  });
});

it.each([
  [["acme/one:nitro"], one, "direct"],
  [["acme/one:free", "acme/one"], one, "fallback"],
  [["house"], one, "alias"],
  [["house", "acme/two"], one, "alias"],
  [["house", "acme/two"], two, "fallback"],
  [["acme/one", "house"], two, "fallback"],
] as const)("calls the way from %j to an endpoint by its name", (requested, selected, strategy) => {
  expect(describeRoute({ requested, plan, failed: [], selected }).strategy).toBe(strategy);
});

it("counts no attempt on an endpoint that had no worker", () => {
  const failed = [{ ...failedOn(one, 0), failure: noWorker }, failedOn(two, 503)];
  const route = describeRoute({ requested: ["acme/one"], plan, failed, selected: undefined });
  expect(route.attempt).toBe(1);
  expect(route.attempts).toEqual([{ provider: "TWO", model: "acme/two", status: 503 }]);
});

it("is a member of an object, whatever the model is called", () => {
  const requested = ['a"}],"x":"</script>\n'];
  const text = `{"a":1${encodeRoute({ requested, plan, failed: [], selected: undefined })}}`;
  expect(JSON.parse(text).openrouter_metadata.requested).toBe(requested[0]);
});
