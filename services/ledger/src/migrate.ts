import { createLogger, loadConfig } from "@fairlead/kit";
import { databaseConfig } from "./config.ts";
import { awaitDatabase } from "./store/await-database.ts";
import { migrateDatabase } from "./store/open-database.ts";

/** Applies the migrations and ends: the job that runs before a new version is rolled out. */
const config = loadConfig(databaseConfig);
const logger = createLogger({ service: "ledger-migrate", level: config.LOG_LEVEL });
try {
  const { DATABASE_URL: url, DATABASE_TLS_CA: caFile, DATABASE_WAIT_MS: waitMs } = config;
  await awaitDatabase(() => migrateDatabase({ url, caFile, logger }), { waitMs, logger });
} catch (error) {
  logger.fatal({ error }, "migration failed");
  process.exitCode = 1;
}
