import type pg from "pg";
import { isTransactionConflict, mapDatabaseError } from "./database-error.ts";

const ATTEMPTS_MAX = 5;
const BACKOFF_MS = 5;

export interface TransactionOptions {
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  readonly isReadOnly?: boolean;
}

/**
 * Runs `work` in a transaction and commits what it did. On a deadlock or a serialization failure
 * it runs again, at most five times in all, so `work` must have no effect outside the transaction.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, work, options);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isTransactionConflict(error)) {
        throw mapDatabaseError(error);
      }
      await backOff(attempt);
    }
  }
}

async function runOnce<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(begin(options));
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A connection on which not even ROLLBACK works must not go back to the pool.
    broken = await client.query("ROLLBACK").then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}

function begin({ isolation, isReadOnly }: TransactionOptions): string {
  const level = isolation === undefined ? "" : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
  return `BEGIN${level}${isReadOnly === true ? " READ ONLY" : ""}`;
}

function backOff(attempt: number): Promise<void> {
  const delayMs = BACKOFF_MS * 2 ** attempt * (0.5 + Math.random());
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
