import type { Pool } from "@fairlead/db";
import type { Logger, Readiness } from "@fairlead/kit";
import type { z } from "zod";
import type { ledgerConfig } from "./config.ts";
import { awaitDatabase } from "./store/await-database.ts";
import { migrateDatabase, openDatabase } from "./store/open-database.ts";

export interface PrepareDatabaseOptions {
  readonly config: z.output<typeof ledgerConfig>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly readiness: Readiness;
}

/**
 * The service's pool, once Postgres answers and has the schema; until then the service is not
 * ready, and says why. Migrates first where RUN_MIGRATIONS says so. Throws AppError.
 */
export async function prepareDatabase(options: PrepareDatabaseOptions): Promise<Pool> {
  const { config, logger, signal, readiness } = options;
  const { DATABASE_URL: url, DATABASE_TLS_CA: caFile, DATABASE_WAIT_MS: waitMs } = config;
  const { DATABASE_POOL_MAX: poolMax, DATABASE_STATEMENT_TIMEOUT_MS: statementTimeoutMs } = config;
  const onWait = (reason: string) => readiness.report("schema", false, reason);
  const patience = { waitMs, logger, signal, onWait };
  if (config.RUN_MIGRATIONS === "true") {
    await awaitDatabase(() => migrateDatabase({ url, caFile, logger }), patience);
  }
  const pool = await awaitDatabase(
    () => openDatabase({ url, caFile, logger, poolMax, statementTimeoutMs }),
    patience,
  );
  readiness.report("schema", true);
  return pool;
}
