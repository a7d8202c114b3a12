import type { Script } from "./script.ts";

const MODELS_MAX = 10_000;

interface Window {
  startedAt: number;
  taken: number;
}

/** Fixed windows of requests for each model, as providers limit them. */
export interface RateWindows {
  /** Milliseconds until the next window, or 0 when the request is let through. */
  take(model: string, script: Script, now: number): number;
  reset(): void;
}

export function createRateWindows(): RateWindows {
  const windows = new Map<string, Window>();
  return {
    take: (model, { limit, limitWindowMs }, now) => {
      if (limit === 0) {
        return 0;
      }
      let window = windows.get(model);
      if (window === undefined || now - window.startedAt >= limitWindowMs) {
        window = { startedAt: now, taken: 0 };
        if (windows.size < MODELS_MAX || windows.has(model)) {
          windows.set(model, window);
        }
      }
      window.taken += 1;
      return window.taken <= limit ? 0 : window.startedAt + limitWindowMs - now;
    },
    reset: () => windows.clear(),
  };
}
