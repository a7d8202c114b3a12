import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** For the message: what is waited for. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
}

/**
 * The first value of `read` that is neither false nor undefined. A reading that fails is repeated;
 * the last failure is the cause of the error that is thrown when the time is over.
 */
export async function waitUntil<T>(
  read: () => Promise<T | false | undefined> | T | false | undefined,
  { what, timeoutMs, everyMs = 250 }: WaitOptions,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await read();
      if (value !== false && value !== undefined) {
        return value;
      }
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`${what}: not within ${timeoutMs} ms`, { cause });
    }
    await delay(everyMs);
  }
}
