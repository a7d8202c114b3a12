import { describe, expect, it } from "vitest";
import { createFixture } from "./plan-fixture.ts";

const priced = [
  { provider: "one", promptPico: 1_000_000n },
  { provider: "three", promptPico: 3_000_000n },
  { provider: "ten", promptPico: 10_000_000n },
];

function countFirst(facts: typeof priced, draws: number, request = {}): Record<string, number> {
  const fixture = createFixture(facts, 42);
  const counts: Record<string, number> = {};
  for (let index = 0; index < draws; index += 1) {
    const first = fixture.order(request)[0] ?? "";
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

describe("the default order", () => {
  it("draws 1 USD against 3 USD nine times to one (chi-square)", () => {
    const draws = 100_000;
    const counts = countFirst(priced.slice(0, 2), draws);
    const expected = { one: draws * 0.9, three: draws * 0.1 };
    const chiSquare = Object.entries(expected).reduce(
      (sum, [name, count]) => sum + ((counts[name] ?? 0) - count) ** 2 / count,
      0,
    );
    // p = 0.01 at one degree of freedom.
    expect(chiSquare).toBeLessThan(6.63);
  });

  it("fits 1/price² over three prices, and draws fallbacks the same way", () => {
    const draws = 50_000;
    const counts = countFirst(priced, draws);
    const weights = [1, 1 / 9, 1 / 100];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, name] of ["one", "three", "ten"].entries()) {
      const share = (weights[index] ?? 0) / total;
      const sigma = Math.sqrt(share * (1 - share) * draws);
      expect(Math.abs((counts[name] ?? 0) - share * draws)).toBeLessThan(4 * sigma);
    }
  });

  it("prefers a free endpoint to every paid one", () => {
    const counts = countFirst([{ provider: "free", promptPico: 0n }, ...priced], 2_000);
    expect(counts).toEqual({ free: 2_000 });
  });
});

describe("stickiness", () => {
  it("draws the same provider for a conversation and spreads conversations by weight", () => {
    const fixture = createFixture(priced.slice(0, 2));
    let cheap = 0;
    for (let key = 1n; key <= 20_000n; key += 1n) {
      const stickyKey = (key * 0x9e3779b97f4a7c15n) % 2n ** 64n;
      const order = fixture.order({ stickyKey });
      expect(fixture.order({ stickyKey })).toEqual(order);
      cheap += order[0] === "one" ? 1 : 0;
    }
    expect(Math.abs(cheap / 20_000 - 0.9)).toBeLessThan(0.01);
  });

  it("moves only the conversations of a provider that leaves", () => {
    const facts = ["a", "b", "c", "d"].map((provider) => ({ provider }));
    const all = createFixture(facts);
    const fewer = createFixture(facts.slice(0, 3));
    for (let key = 1n; key < 2_000n; key += 1n) {
      const before = all.order({ stickyKey: key })[0];
      const after = fewer.order({ stickyKey: key })[0];
      expect(before === "d" || before === after).toBe(true);
    }
  });
});

describe("preferences", () => {
  const fixture = createFixture(priced);

  it("sorts strictly by price, by suffix or by field", () => {
    expect(fixture.order({ models: ["acme/one:floor"] })).toEqual(["one", "three", "ten"]);
    expect(fixture.run({ provider: { sort: "price" } }).strategy).toBe("sort:price");
  });

  it("tries provider.order first and the rest after, or nothing else without fallbacks", () => {
    expect(fixture.order({ provider: { order: ["ten", "nobody", "three"] } })).toEqual([
      "ten",
      "three",
      "one",
    ]);
    const strict = { order: ["ten", "three"], allowFallbacks: false };
    expect(fixture.order({ provider: strict })).toEqual(["ten", "three"]);
    expect(fixture.order({ provider: { allowFallbacks: false } })).toHaveLength(1);
  });

  it("resolves aliases, other spellings and suffixes", () => {
    for (const name of ["house", "ACME/One", "one", "acme/one:online", "acme/one:thinking"]) {
      expect(fixture.run({ models: [name] }).candidates).toHaveLength(3);
    }
  });

  it("keeps a place for each fallback model and never passes eight candidates", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ provider: `p${index}` }));
    const others = ["acme/two", "acme/three"].map((model) => ({ provider: "other", model }));
    const planned = createFixture([...many, ...others]).run({
      models: ["acme/one", "acme/two", "acme/unknown", "acme/three"],
    });
    const models = planned.candidates.map((candidate) => candidate.routed.endpoint.model);
    expect(models).toHaveLength(8);
    expect(models.slice(0, 6)).toEqual(Array(6).fill("acme/one"));
    expect(models.slice(6)).toEqual(["acme/two", "acme/three"]);
  });

  it("sorts across models when asked to", () => {
    const mixed = createFixture([
      { provider: "dear", promptPico: 9n },
      { provider: "cheap", promptPico: 1n, model: "acme/two" },
    ]);
    const request = {
      models: ["acme/one", "acme/two"],
      provider: { sort: "price", sortAcrossModels: true },
    };
    expect(mixed.order(request)).toEqual(["cheap", "dear"]);
  });
});
