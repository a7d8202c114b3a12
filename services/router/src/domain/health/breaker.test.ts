import { describe, expect, it } from "vitest";
import { Breaker } from "./breaker.ts";
import type { Outcome } from "./outcome.ts";

const success: Outcome = { kind: "success" };
const failure: Outcome = { kind: "failure" };
const unreachable: Outcome = { kind: "unreachable" };

describe("Breaker", () => {
  it("opens at once when nobody answers, or when the first failure is most of what happened", () => {
    const refused = new Breaker();
    refused.record(unreachable, 0.01, 0);
    expect(refused.state(0)).toBe("open");
    const idle = new Breaker();
    idle.record(failure, 1, 0);
    expect(idle.state(0)).toBe("open");
  });

  it("stays closed for a failure among many successes, and opens at the third in a row", () => {
    const breaker = new Breaker();
    breaker.record(failure, 0.02, 0);
    breaker.record(failure, 0.03, 1);
    expect(breaker.state(1)).toBe("closed");
    breaker.record(success, 0.03, 2);
    breaker.record(failure, 0.04, 3);
    breaker.record(failure, 0.05, 4);
    expect(breaker.state(4)).toBe("closed");
    breaker.record(failure, 0.06, 5);
    expect(breaker.state(5)).toBe("open");
    expect(breaker.ejections).toBe(1);
  });

  it("lets one canary go after the pause and doubles the pause when it fails", () => {
    const breaker = new Breaker();
    breaker.record(unreachable, 1, 0);
    expect(breaker.isCanaryDue(999)).toBe(false);
    expect(breaker.isCanaryDue(1_000)).toBe(true);
    breaker.sendCanary(1_000);
    expect(breaker.isCanaryDue(1_500)).toBe(false);
    breaker.record(unreachable, 1, 1_600);
    expect(breaker.isCanaryDue(3_599)).toBe(false);
    expect(breaker.isCanaryDue(3_600)).toBe(true);
  });

  it("never waits more than eight seconds, and closes at any success", () => {
    const breaker = new Breaker();
    let nowMs = 0;
    for (let opening = 0; opening < 8; opening += 1) {
      breaker.record(unreachable, 1, nowMs);
      nowMs += 8_000;
      expect(breaker.isCanaryDue(nowMs)).toBe(true);
    }
    breaker.record(success, 0.5, nowMs);
    expect(breaker.state(nowMs)).toBe("closed");
  });

  it("does not lengthen the pause for failures of calls that were under way", () => {
    const breaker = new Breaker();
    breaker.record(unreachable, 1, 0);
    for (let index = 0; index < 100; index += 1) {
      breaker.record(failure, 1, 10 + index);
    }
    expect(breaker.isCanaryDue(1_000)).toBe(true);
  });

  it("takes a canary without a result for lost", () => {
    const breaker = new Breaker();
    breaker.record(unreachable, 1, 0);
    breaker.sendCanary(1_000);
    expect(breaker.isCanaryDue(10_999)).toBe(false);
    expect(breaker.isCanaryDue(11_000)).toBe(true);
  });
});
