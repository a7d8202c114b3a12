import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";

/** A service that was restarted is back in a second or two: so long a request waits for it. */
export const PATIENCE_MS = 5_000;
const RETRY_MS = 100;

/** Asks again while nobody answers. Only for calls that are safe to make twice. */
export async function insist<T>(ask: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = AppError.from(error);
      if (code !== "unavailable" || performance.now() + RETRY_MS > deadlineMs) {
        throw error;
      }
      await delay(RETRY_MS);
    }
  }
}
