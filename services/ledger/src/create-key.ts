import { AppError } from "@fairlead/errors";
import { createLogger, loadConfig } from "@fairlead/kit";
import { createKeyConfig } from "./config.ts";
import { provideKey } from "./provide-key.ts";
import { awaitDatabase } from "./store/await-database.ts";
import { createStores } from "./store/create-stores.ts";
import { openDatabase } from "./store/open-database.ts";

const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Makes an account and a key, if they are not there, and ends: how an operator gets the first one.
 */
const config = loadConfig(createKeyConfig);
const logger = createLogger({ service: "ledger-create-key", level: config.LOG_LEVEL });
try {
  const { DATABASE_URL: url, DATABASE_TLS_CA: caFile, DATABASE_WAIT_MS: waitMs } = config;
  const database = { url, caFile, logger, poolMax: 1, statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const pool = await awaitDatabase(() => openDatabase(database), { waitMs, logger });
  try {
    const stores = createStores(pool, Date.now);
    const minted = await provideKey({ config, stores, logger, now: Date.now });
    if (minted !== undefined) {
      process.stdout.write(`${minted}\n`);
    }
  } finally {
    await pool.end();
  }
} catch (error) {
  logger.fatal({ error }, "no key could be provided");
  process.stderr.write(`fairlead ledger-create-key: ${AppError.from(error).message}\n`);
  process.exitCode = 1;
}
