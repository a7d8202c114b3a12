export { integerArray, textArray } from "./array-literal.ts";
export { checkServer } from "./check-server.ts";
export {
  isCheckViolation,
  isDatabaseUnavailable,
  isOutOfRange,
  isTransactionConflict,
  isUnfitData,
  isUniqueViolation,
  mapDatabaseError,
  sqlState,
} from "./database-error.ts";
export { requireSchema, runMigrations } from "./migrate.ts";
export { createPool, type Pool, type PoolOptions } from "./pool.ts";
export { type Query, type Queryable, query } from "./query.ts";
export { inTransaction, type TransactionOptions } from "./transaction.ts";
