import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChatMetrics } from "./chat-metrics.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Names and values of what was recorded or added, but for zeros. */
const recorded: [name: string, value: number][] = [];
const keep = (name: string) => (value: number) => {
  if (value !== 0) {
    recorded.push([name, value]);
  }
};

vi.mock("@fairlead/kit", async (load) => ({
  ...(await load<object>()),
  createHistogram: (name: string) => ({ record: keep(name) }),
}));
vi.mock("@opentelemetry/api", async (load) => ({
  ...(await load<object>()),
  metrics: {
    getMeter: () => ({
      createCounter: (name: string) => ({ add: keep(name) }),
      createObservableCounter: () => ({ addCallback: () => undefined }),
    }),
  },
}));

const facts = {
  isStream: true,
  event: { model: "m", provider: "p", costNano: 5_000n, tokens: { completionTokens: 11n } },
  end: { durationUs: 1_190_000 },
  attempts: 1,
  durationMs: 1_200,
  firstTokenMs: 200,
  providerFirstTokenMs: 180,
  errorCode: undefined,
  statusCode: 200,
} as unknown as RequestFacts;
const metrics = new ChatMetrics();

beforeEach(() => {
  recorded.length = 0;
});

describe("ChatMetrics", () => {
  it("records of a stream what came between its tokens and what was added before the first", () => {
    metrics.record(facts);
    expect(Object.fromEntries(recorded)).toEqual({
      "gen_ai.server.request.duration": 1.2,
      "gen_ai.server.time_to_first_token": 0.2,
      "gen_ai.server.time_per_output_token": 0.1,
      "fairlead.gateway.first_token.overhead": 0.02,
      "fairlead.gateway.cost": 5_000,
    });
  });

  it("records of a whole answer what was added in all", () => {
    metrics.record({ ...facts, isStream: false });
    const byName = Object.fromEntries(recorded);
    expect(byName["fairlead.gateway.overhead"]).toBeCloseTo(0.01);
    expect(byName).not.toHaveProperty(["gen_ai.server.time_per_output_token"]);
  });

  it("says nothing of overhead where providers that failed took part of the time", () => {
    metrics.record({ ...facts, attempts: 2 });
    expect(recorded.map(([name]) => name)).not.toContain("fairlead.gateway.first_token.overhead");
  });

  it.each([
    ["provider_unavailable", 200, true],
    ["provider_unavailable", 502, false],
    ["cancelled", 200, false],
  ])(
    "takes a stream that ended with %s after status %i for broken: %s",
    (code, status, isBroken) => {
      metrics.record({ ...facts, errorCode: code, statusCode: status });
      const names = recorded.map(([name]) => name);
      expect(names.includes("fairlead.gateway.streams.broken")).toBe(isBroken);
    },
  );
});
