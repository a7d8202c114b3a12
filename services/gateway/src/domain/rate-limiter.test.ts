import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

describe("RateLimiter", () => {
  it("lets the limit through at once, then one each interval, and says when", () => {
    let nowMs = 1_000_000;
    const limiter = new RateLimiter({ now: () => nowMs });
    for (let count = 0; count < 6; count += 1) {
      expect(limiter.take("key", 6)).toBeUndefined();
    }
    expect(limiter.take("key", 6)).toEqual({
      limit: 6,
      retryAfterMs: 10_000,
      resetAfterMs: 60_000,
    });
    nowMs += 10_000;
    expect(limiter.take("key", 6)).toBeUndefined();
    expect(limiter.take("key", 6)).toBeDefined();
    expect(limiter.take("other", 6)).toBeUndefined();
    expect(limiter.take("key", 0)).toBeUndefined();
  });

  it("passes no more than burst plus refill in any window, whatever the arrivals", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 90 }), (waits, limit) => {
        let nowMs = 0;
        let passed = 0;
        const limiter = new RateLimiter({ now: () => nowMs });
        for (const wait of waits) {
          nowMs += wait;
          passed += limiter.take("key", limit) === undefined ? 1 : 0;
          expect(passed).toBeLessThanOrEqual(limit + Math.floor((nowMs * limit) / 60_000) + 1);
        }
      }),
    );
  });

  it("is bounded", () => {
    const limiter = new RateLimiter({ now: () => 0, capacity: 10 });
    for (let index = 0; index < 100; index += 1) {
      expect(limiter.take(`key-${index}`, 5)).toBeUndefined();
    }
  });
});
