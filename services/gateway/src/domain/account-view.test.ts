import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { GetGenerationResponseSchema } from "@fairlead/proto/ledger/v1/ledger";
import { Outcome, UsageEventSchema, UsageSource } from "@fairlead/proto/usage/v1/usage";
import { describe, expect, it } from "vitest";
import { viewGeneration } from "./account-view.ts";

/** $1 a million prompt tokens; a tenth of it to read from the cache, half more to write to it. */
const rates = { promptPico: 1_000_000n, cacheReadPico: 100_000n, cacheWritePico: 1_500_000n };
const failed = { endpointId: "e1", provider: "one", status: 503, latencyMs: 40, code: "x" };

type EventInit = MessageInitShape<typeof UsageEventSchema>;

function view(event: Omit<EventInit, "$typeName">) {
  const answer = create(GetGenerationResponseSchema, {
    event: create(UsageEventSchema, {
      endpointId: "e2",
      provider: "two",
      model: "acme/one",
      upstreamId: "up-1",
      outcome: Outcome.COMPLETED,
      price: { rates },
      costNano: 1n,
      durationMs: 100,
      attempts: [failed],
      ...event,
    } as EventInit),
  });
  return viewGeneration(answer, (provider) => provider.toUpperCase());
}

describe("a generation's provider_responses", () => {
  it("end with the attempt that answered", () => {
    expect(view({})?.provider_responses).toEqual([
      { endpoint_id: "e1", provider_name: "ONE", status: 503, latency: 40, is_byok: false },
      {
        endpoint_id: "e2",
        id: "up-1",
        provider_name: "TWO",
        model_permaslug: "acme/one",
        status: 200,
        latency: 60,
        is_byok: false,
      },
    ]);
  });

  it("give no status to an answer that a client who left did not wait for", () => {
    const { provider_responses: responses } =
      view({ outcome: Outcome.CANCELLED, upstreamId: "" }) ?? {};
    expect(responses).toMatchObject([{ status: 503 }, { provider_name: "TWO", status: null }]);
  });

  it("hold the failed ones alone when none answered", () => {
    expect(view({ provider: "", endpointId: "" })?.provider_responses).toHaveLength(1);
  });
});

describe("a generation's cache_discount", () => {
  it.each([
    ["reading", { promptTokens: 1_000n, cachedTokens: 500n }, 0.00045],
    ["writing", { promptTokens: 1_000n, cacheWriteTokens: 500n }, -0.00025],
    ["neither", { promptTokens: 1_000n }, null],
  ])("of %s", (_name, tokens, expected) => {
    expect(view({ tokens })?.cache_discount).toBe(expected);
  });

  it("is none of what cost nothing", () => {
    const tokens = { promptTokens: 1_000n, cachedTokens: 500n };
    expect(view({ tokens, costNano: 0n })?.cache_discount).toBeNull();
  });
});

it.each([
  [UsageSource.PROVIDER, "provider"],
  [UsageSource.COUNTED, "counted"],
  [UsageSource.ESTIMATED, "estimated"],
  [UsageSource.UNSPECIFIED, null],
])("shows where the counts came from: %s", (source, expected) => {
  expect(view({ tokens: { source } })?.usage_source).toBe(expected);
});
