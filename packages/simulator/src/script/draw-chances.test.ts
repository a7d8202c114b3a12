import { describe, expect, it } from "vitest";
import { createDice } from "./draw-chances.ts";
import { createRateWindows } from "./rate-window.ts";
import { DEFAULT_SCRIPT, type Script } from "./script.ts";

const script: Script = {
  ...DEFAULT_SCRIPT,
  fault: { kind: "status", status: 500 },
  faultRate: 0.3,
  latency: { medianMs: 100, sigma: 0.5 },
};

function drawMany(seed: number, count: number) {
  const dice = createDice();
  return Array.from({ length: count }, () => dice.draw("m", { ...script, seed }));
}

describe("createDice", () => {
  it("draws the same for the same seed, and other things for another", () => {
    expect(drawMany(7, 50)).toEqual(drawMany(7, 50));
    expect(drawMany(7, 50)).not.toEqual(drawMany(8, 50));
  });

  it("starts again after a reset", () => {
    const dice = createDice();
    const first = dice.draw("m", script);
    dice.draw("m", script);
    dice.reset();
    expect(dice.draw("m", script)).toEqual(first);
  });

  it("meets the fault as often as asked, and draws delays about their median", () => {
    const draws = drawMany(1, 2000);
    const faults = draws.filter(({ fault }) => fault !== undefined).length;
    expect(faults / draws.length).toBeGreaterThan(0.27);
    expect(faults / draws.length).toBeLessThan(0.33);
    const below = draws.filter(({ latencyMs }) => latencyMs < 100).length;
    expect(below / draws.length).toBeGreaterThan(0.46);
    expect(below / draws.length).toBeLessThan(0.54);
  });
});

describe("createRateWindows", () => {
  it("lets through the limit in each window and says how long the rest has to wait", () => {
    const windows = createRateWindows();
    const limited = { ...DEFAULT_SCRIPT, limit: 2, limitWindowMs: 1000 };
    const waits = [0, 10, 400, 999, 1000].map((now) => windows.take("m", limited, now));
    expect(waits).toEqual([0, 0, 600, 1, 0]);
  });
});
