import { describe, expect, it } from "vitest";
import { PeakEwma, type PickableWorker, pickWorker } from "./worker-picker.ts";

interface FakeWorker extends PickableWorker {
  readonly name: string;
}

function worker(name: string, facts: Partial<PickableWorker> = {}): FakeWorker {
  return {
    name,
    isReady: true,
    inFlight: 0,
    delay: new PeakEwma(0),
    providers: new Set<string>(),
    ...facts,
  };
}

function pickMany(workers: readonly FakeWorker[], skip?: FakeWorker) {
  const counts: Record<string, number> = {};
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let count = 0; count < 1_000; count += 1) {
    const name = pickWorker(workers, "openai/priority", { random, nowMs: 0, skip })?.name ?? "none";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe("pickWorker", () => {
  it("answers nobody when none is ready or none serves the provider", () => {
    expect(pickMany([])).toEqual({ none: 1_000 });
    expect(pickMany([worker("a", { isReady: false })])).toEqual({ none: 1_000 });
    expect(pickMany([worker("a", { providers: new Set(["groq"]) })])).toEqual({ none: 1_000 });
  });

  it("takes a service tier for its provider", () => {
    expect(pickMany([worker("a", { providers: new Set(["openai"]) })])).toEqual({ a: 1_000 });
  });

  it("spreads over equals and keeps away from the loaded", () => {
    const even = pickMany([worker("a"), worker("b"), worker("c")]);
    expect(Math.min(even.a ?? 0, even.b ?? 0, even.c ?? 0)).toBeGreaterThan(200);
    expect(pickMany([worker("a"), worker("b", { inFlight: 5 })])).toEqual({ a: 1_000 });
  });

  it("tries another than the one that just failed, and that one when it is alone", () => {
    const failed = worker("a");
    expect(pickMany([failed, worker("b", { inFlight: 90 })], failed)).toEqual({ b: 1_000 });
    expect(pickMany([failed], failed)).toEqual({ a: 1_000 });
  });
});

describe("PeakEwma", () => {
  it("rises at once, falls slowly, and forgets when it hears nothing", () => {
    const delay = new PeakEwma(0);
    delay.record(10_000, 0);
    expect(delay.read(0)).toBe(10_000);
    delay.record(100, 10);
    expect(delay.read(10)).toBeGreaterThan(9_000);
    expect(delay.read(60_000)).toBe(50);
  });
});
