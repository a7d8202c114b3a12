import { describe, expect, it } from "vitest";
import { RestartPolicy } from "./restart-policy.ts";

const killed = { wasReady: true, livedMs: 60_000, exitCode: undefined };
const failedStart = { wasReady: false, livedMs: 300, exitCode: 1 };

describe("RestartPolicy", () => {
  it("brings back at once what ran well", () => {
    const policy = new RestartPolicy();
    expect([killed, killed, killed].map((end) => policy.decide(end))).toEqual([0, 0, 0]);
  });

  it("waits longer for each failed start, and gives up at the fifth in a row", () => {
    const policy = new RestartPolicy();
    const ends = Array.from({ length: 5 }, () => policy.decide(failedStart));
    expect(ends).toEqual([200, 400, 800, 1_600, undefined]);
  });

  it("begins anew once it was ready", () => {
    const policy = new RestartPolicy();
    policy.decide(failedStart);
    policy.decide(killed);
    expect(policy.decide(failedStart)).toBe(200);
  });

  it("slows down what ends again and again soon after its start", () => {
    const policy = new RestartPolicy();
    const quick = { wasReady: true, livedMs: 100, exitCode: 1 };
    const pauses = Array.from({ length: 8 }, () => policy.decide(quick));
    expect(pauses).toEqual([0, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it("gives up at once on a wrong configuration", () => {
    expect(new RestartPolicy().decide({ ...failedStart, exitCode: 78 })).toBeUndefined();
  });
});
