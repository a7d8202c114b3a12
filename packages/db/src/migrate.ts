import { AppError } from "@fairlead/errors";
import type pg from "pg";
import { mapDatabaseError, sqlState } from "./database-error.ts";
import { type Migration, readMigrations } from "./migration-files.ts";
import { type Queryable, query } from "./query.ts";

/** Any constant will do, as long as every version of the program uses the same one. */
const ADVISORY_LOCK = 7_246_531_808;
const UNDEFINED_TABLE = "42P01";

/**
 * Applies what is missing, each file in its own transaction, under an advisory lock so that
 * several processes may start at once. Forward only. Throws when an applied file was changed.
 * Returns the names applied now.
 */
export async function runMigrations(pool: pg.Pool, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect().catch((error: unknown) => {
    throw mapDatabaseError(error);
  });
  try {
    await client.query("SET statement_timeout = 0");
    await client.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCK]);
    return await applyMissing(client, migrations);
  } catch (error) {
    throw mapDatabaseError(error);
  } finally {
    // Ends the session and with it the lock and the changed timeout, whatever state it is in.
    client.release(true);
  }
}

/** Throws AppError unless every migration of the folder is applied, unchanged. */
export async function requireSchema(pool: pg.Pool, folder: string): Promise<void> {
  const migrations = await readMigrations(folder);
  const applied = await readApplied(pool).catch((error: unknown) => {
    if (sqlState(error) === UNDEFINED_TABLE) {
      return new Map<number, string>();
    }
    throw error;
  });
  verifyChecksums(migrations, applied);
  const missing = migrations.find((migration) => !applied.has(migration.version));
  if (missing !== undefined) {
    throw new AppError(
      "unavailable",
      `The database schema is too old: ${missing.name} is not applied. Run the migrations first.`,
    );
  }
}

async function applyMissing(
  client: pg.PoolClient,
  migrations: readonly Migration[],
): Promise<string[]> {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const applied = await readApplied(client);
  verifyChecksums(migrations, applied);
  const missing = migrations.filter((migration) => !applied.has(migration.version));
  for (const migration of missing) {
    await applyOne(client, migration);
  }
  return missing.map((migration) => migration.name);
}

async function applyOne(client: pg.PoolClient, migration: Migration): Promise<void> {
  const { version, name, checksum, sql } = migration;
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
      [version, name, checksum],
    );
    await client.query("COMMIT");
  } catch (error) {
    throw new AppError("unavailable", `Migration ${name} failed; nothing of it was applied.`, {
      cause: error,
    });
  }
}

async function readApplied(database: Queryable): Promise<Map<number, string>> {
  const rows = await query<{ version: number; checksum: string }>(database, {
    text: "SELECT version, checksum FROM schema_migrations",
  });
  return new Map(rows.map((row) => [row.version, row.checksum]));
}

function verifyChecksums(
  migrations: readonly Migration[],
  applied: ReadonlyMap<number, string>,
): void {
  for (const { version, name, checksum } of migrations) {
    const known = applied.get(version);
    if (known !== undefined && known !== checksum) {
      throw new AppError(
        "conflict",
        `Migration ${name} was changed after it was applied; add a new file instead.`,
      );
    }
  }
}
