import { createRandom, drawLogNormal } from "../random.ts";
import type { Delay, Fault, Script } from "./script.ts";

export interface Chances {
  readonly fault: Fault | undefined;
  readonly latencyMs: number;
  readonly ttftMs: number;
}

const MODELS_MAX = 10_000;
const ORDINAL_STEP = 0x9e3779b1;

/** Decides what is left to chance in a script, the same way for the n-th request of a model. */
export interface Dice {
  draw(model: string, script: Script): Chances;
  reset(): void;
}

export function createDice(): Dice {
  const ordinals = new Map<string, number>();
  return {
    draw: (model, script) => {
      const isCertain =
        script.faultRate === 1 && script.latency.sigma === 0 && script.ttft.sigma === 0;
      if (isCertain) {
        return {
          fault: script.fault,
          latencyMs: script.latency.medianMs,
          ttftMs: script.ttft.medianMs,
        };
      }
      const ordinal = ordinals.get(model) ?? 0;
      if (ordinals.size < MODELS_MAX || ordinals.has(model)) {
        ordinals.set(model, ordinal + 1);
      }
      const random = createRandom(script.seed + Math.imul(ordinal, ORDINAL_STEP));
      const isMet = random() < script.faultRate;
      return {
        fault: isMet ? script.fault : undefined,
        latencyMs: drawDelay(random, script.latency),
        ttftMs: drawDelay(random, script.ttft),
      };
    },
    reset: () => ordinals.clear(),
  };
}

function drawDelay(random: () => number, { medianMs, sigma }: Delay): number {
  return sigma === 0 ? medianMs : drawLogNormal(random, medianMs, sigma);
}
