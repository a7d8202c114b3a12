import type pg from "pg";
import { mapDatabaseError } from "./database-error.ts";

/** What runs a query: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.ClientBase, "query">;

export interface Query {
  /** Names the prepared statement: parsed and planned once per connection. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** How long to wait for the answer, where the pool's own limit does not fit. */
  readonly timeoutMs?: number;
}

/** Runs one statement. Throws AppError `unavailable` when the server cannot be used. */
export async function query<Row extends pg.QueryResultRow>(
  database: Queryable,
  { name, text, values, timeoutMs }: Query,
): Promise<Row[]> {
  try {
    const result = await database.query<Row>({
      text,
      ...(name !== undefined && { name }),
      ...(values !== undefined && { values: [...values] }),
      ...(timeoutMs !== undefined && { query_timeout: timeoutMs }),
    });
    return result.rows;
  } catch (error) {
    throw mapDatabaseError(error);
  }
}
