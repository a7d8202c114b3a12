import { describe, expect, it } from "vitest";
import { type Behaviour, simulate, works } from "./provider-simulation.ts";

const second = 1_000;

function between(values: readonly number[] | undefined, fromMs: number, toMs: number): number {
  return (values ?? []).filter((atMs) => atMs >= fromMs && atMs < toMs).length;
}

const failsBetween =
  (fromMs: number, toMs: number, status = 500): Behaviour =>
  (nowMs) => ({ status: nowMs >= fromMs && nowMs < toMs ? status : 200, firstTokenMs: 100 });

describe("a provider that turns bad", () => {
  const run = (status: number) =>
    simulate(
      [
        { provider: "bad", behave: failsBetween(20 * second, 60 * second, status) },
        { provider: "good", behave: works },
      ],
      { seed: 7, durationMs: 90 * second, requestsPerSecond: 50, attemptsMax: 4 },
    );

  it("gets five more requests at most before it goes last, then one in a hundred", () => {
    for (const status of [0, 500, 503, 401]) {
      const bad = run(status).attemptsOf.get("bad");
      // 100 ms pass before a failure is known, in which 2.5 requests on average are under way.
      expect(between(bad, 20 * second, 20.9 * second)).toBeLessThanOrEqual(8);
      expect(between(bad, 21 * second, 60 * second)).toBeLessThanOrEqual(0.01 * 39 * 50);
    }
  });

  it("is back in the draw within ten seconds of its repair", () => {
    const bad = run(500).attemptsOf.get("bad");
    expect(between(bad, 70 * second, 80 * second)).toBeGreaterThan(150);
  });

  it("never costs a request", () => {
    const { requests, succeeded } = run(500);
    expect(succeeded).toBe(requests);
  });

  it("leaves the draw for as long as a 429 says, and is no failure", () => {
    const limited: Behaviour = (nowMs) => ({
      status: nowMs < 10 * second ? 200 : 429,
      firstTokenMs: 10,
    });
    const { attemptsOf, requests, succeeded } = simulate(
      [
        { provider: "limited", behave: limited },
        { provider: "good", behave: works },
      ],
      { seed: 3, durationMs: 30 * second, requestsPerSecond: 50, attemptsMax: 4 },
    );
    expect(succeeded).toBe(requests);
    expect(between(attemptsOf.get("limited"), 11 * second, 30 * second)).toBeLessThan(60);
  });
});

describe("one provider of three down, the others with 5 % errors", () => {
  it("serves all but what fails everywhere", () => {
    const flaky: Behaviour = (_, random) => ({
      status: random() < 0.05 ? 500 : 200,
      firstTokenMs: 20,
    });
    const { requests, succeeded, attempts } = simulate(
      [
        { provider: "down", behave: () => ({ status: 0, firstTokenMs: 1 }) },
        { provider: "one", behave: flaky },
        { provider: "two", behave: flaky },
      ],
      { seed: 11, durationMs: 100 * second, requestsPerSecond: 200, attemptsMax: 4 },
    );
    // Two draws of 5 % lose 0.25 %; no order of three endpoints can do better.
    expect(succeeded / requests).toBeGreaterThan(0.9965);
    expect(attempts / requests).toBeLessThan(1.1);
  });
});

describe("everything down", () => {
  it("is panic: every endpoint is still tried", () => {
    const down: Behaviour = () => ({ status: 503, firstTokenMs: 1 });
    const { attemptsOf } = simulate(
      [
        { provider: "one", behave: down },
        { provider: "two", behave: down },
      ],
      { seed: 5, durationMs: 10 * second, requestsPerSecond: 20, attemptsMax: 2 },
    );
    expect(attemptsOf.get("one")).toHaveLength(200);
    expect(attemptsOf.get("two")).toHaveLength(200);
  });
});

describe("eleven providers, one of them slow for half a minute", () => {
  const providers = Array.from({ length: 11 }, (_, index) => ({
    provider: `p${index}`,
    behave: ((nowMs, random) => {
      const isSlow = index === 0 && nowMs >= 15 * second && nowMs < 45 * second;
      return { status: 200, firstTokenMs: isSlow ? 2_000 : 120 + random() * 100 };
    }) satisfies Behaviour,
  }));
  const options = { seed: 9, durationMs: 60 * second, requestsPerSecond: 500, attemptsMax: 4 };

  it("puts it last once its first slow answer is in when latency is asked for", () => {
    const request = { provider: { preferredMaxLatencySeconds: { p50: 1 }, sort: "latency" } };
    const { firstTokensMs } = simulate(providers, { ...options, request });
    const quick = firstTokensMs.filter((ms) => ms < 1_000).length;
    // A strict order sends all 500 requests a second there until the first slow answer is in.
    expect(quick / firstTokensMs.length).toBeGreaterThan(0.96);
  });

  it("steers most of the default traffic around it too", () => {
    const { firstTokensMs } = simulate(providers, options);
    const quick = firstTokensMs.filter((ms) => ms < 1_000).length;
    // Round robin has 95.5 %. What is left is the two seconds until the first slow answer is in.
    expect(quick / firstTokensMs.length).toBeGreaterThan(0.995);
  });
});
