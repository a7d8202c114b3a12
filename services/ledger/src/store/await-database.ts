import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { Logger } from "@fairlead/kit";

const RETRY_MS = 500;

export interface AwaitDatabaseOptions {
  readonly waitMs: number;
  readonly logger: Logger;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Called with the reason whenever it is another one. */
  readonly onWait?: (reason: string) => void;
}

/**
 * Does `work` again while Postgres does not answer or the schema is not there yet, since all of a
 * platform starts at once. Any other fault, and the last one in time, is thrown.
 */
export async function awaitDatabase<T>(
  work: () => Promise<T>,
  { waitMs, logger, signal, onWait }: AwaitDatabaseOptions,
): Promise<T> {
  const deadlineMs = performance.now() + waitMs;
  let told = "";
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const { code, message } = AppError.from(error);
      if (code !== "unavailable" || performance.now() + RETRY_MS > deadlineMs) {
        throw error;
      }
      if (message !== told) {
        told = message;
        logger.warn({ reason: message }, "waiting for the database");
        onWait?.(message);
      }
      await delay(RETRY_MS, undefined, signal && { signal });
    }
  }
}
