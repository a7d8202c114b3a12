import { fileURLToPath } from "node:url";
import {
  checkServer,
  createPool,
  type Pool,
  query,
  requireSchema,
  runMigrations,
} from "@fairlead/db";
import type { Logger } from "@fairlead/kit";

const migrations = fileURLToPath(new URL("../../migrations", import.meta.url));
/** Made by the migrations: may add to the books, never change them. */
const ROLE = "fairlead_ledger";

export interface DatabaseAddress {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly logger: Logger;
  /** Of a test: its data may be lost. */
  readonly isDisposable?: boolean;
}

export interface DatabaseOptions extends DatabaseAddress {
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
}

/** Applies the missing migrations with the rights of the URL's own user. */
export async function migrateDatabase(address: DatabaseAddress): Promise<void> {
  const { url, caFile, logger, isDisposable } = address;
  const applicationName = "fairlead-ledger-migrations";
  const pool = createPool({ url, caFile, max: 1, applicationName, statementTimeoutMs: 0, logger });
  try {
    await checkServer(pool, url, { isDisposable });
    const applied = await runMigrations(pool, migrations);
    logger.info({ applied }, "database schema is up to date");
  } finally {
    await pool.end();
  }
}

/**
 * A pool on a checked server with the right schema. It works under the restricted role wherever
 * the user may take it; where not, the triggers alone keep the books append-only.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Pool> {
  const { url, caFile, poolMax, statementTimeoutMs, logger, isDisposable } = options;
  const common = { url, caFile, applicationName: "fairlead-ledger", statementTimeoutMs, logger };
  const probe = createPool({ ...common, max: 1 });
  try {
    await checkServer(probe, url, { isDisposable });
    await requireSchema(probe, migrations);
    const [row] = await query<{ can_take: boolean }>(probe, {
      text: canTakeRoleSql,
      values: [ROLE],
    });
    if (row?.can_take === true) {
      return createPool({ ...common, max: poolMax, role: ROLE });
    }
    logger.warn({ role: ROLE }, "the database user cannot take the restricted role");
    return createPool({ ...common, max: poolMax });
  } finally {
    await probe.end();
  }
}

const canTakeRoleSql = `
  SELECT coalesce((SELECT pg_has_role(current_user, oid, 'MEMBER')
                   FROM pg_roles WHERE rolname = $1), false) AS can_take`;
