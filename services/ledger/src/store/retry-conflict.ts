import { isTransactionConflict } from "@fairlead/db";

const ATTEMPTS_MAX = 5;

/**
 * Runs a single statement again after a deadlock or serialization failure. A statement outside a
 * transaction is atomic, so nothing of the failed run is left.
 */
export async function retryConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isTransactionConflict(error)) {
        throw error;
      }
    }
  }
}
