import { AppError } from "@fairlead/errors";
import pg from "pg";

/** SQLSTATE of an error of the server; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === "23505";
}

export function isCheckViolation(error: unknown): boolean {
  return sqlState(error) === "23514";
}

/** An amount that does not fit the column: the input was too large. */
export function isOutOfRange(error: unknown): boolean {
  return sqlState(error) === "22003";
}

/**
 * The statement's own values do not fit: data exceptions (class 22) and violated constraints (23).
 * The same statement would fail again.
 */
export function isUnfitData(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? "");
}

/** Serialization failure or deadlock: the same transaction may pass when run again. */
export function isTransactionConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

const socketFaults = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

/** Texts of pg and pg-pool, which give these errors no code. */
const clientFaults = /timeout|terminated|connection (is|was) closed|not queryable|ended/i;

/**
 * The server cannot be used now: unreachable, starting, stopping, out of connections (classes 08,
 * 53, 57) or too slow (57014, statement timeout; 55P03, lock timeout). Nothing says that the same
 * request would fail later.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) {
    return /^(08|53|57)/.test(state) || state === "55P03" || state === "25P03";
  }
  if (!(error instanceof Error)) {
    return false;
  }
  if (error instanceof AggregateError) {
    return error.errors.some(isDatabaseUnavailable);
  }
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" ? socketFaults.has(code) : clientFaults.test(error.message);
}

/**
 * What a query's caller gets: an unusable server as `unavailable`, everything else unchanged, so
 * that the predicates above can still read it.
 */
export function mapDatabaseError(error: unknown): unknown {
  if (error instanceof AppError || !isDatabaseUnavailable(error)) {
    return error;
  }
  return new AppError("unavailable", "The database is unavailable; try again shortly.", {
    cause: error,
    retryAfterMs: 1_000,
  });
}
