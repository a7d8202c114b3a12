import { createLogger, loadConfig } from "@fairlead/kit";
import { databaseConfig } from "./config.ts";
import { migrateDatabase } from "./store/open-database.ts";

/** Applies the migrations and ends: the job that runs before a new version is rolled out. */
const config = loadConfig(databaseConfig);
const logger = createLogger({ service: "ledger-migrate", level: config.LOG_LEVEL });
try {
  await migrateDatabase({
    url: config.DATABASE_URL,
    caFile: config.DATABASE_TLS_CA,
    logger,
  });
} catch (error) {
  logger.fatal({ error }, "migration failed");
  process.exitCode = 1;
}
