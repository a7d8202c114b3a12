import { AppError } from "@fairlead/errors";
import { explainCertificate } from "@fairlead/kit";
import type pg from "pg";
import { sqlState } from "./database-error.ts";
import { parseDatabaseUrl } from "./pool.ts";

/** In the words of pg. */
const NO_TLS = "The server does not support SSL connections";

export interface CheckOptions {
  /** Of a test: its data may be lost, so fsync=off is no fault. */
  readonly isDisposable?: boolean | undefined;
}

/**
 * Refuses a server on which money is not safe: one that may lose commits in a crash (fsync=off) or
 * one that is a replica. Throws AppError with one sentence for the operator, without the password.
 */
export async function checkServer(
  pool: pg.Pool,
  url: string,
  options: CheckOptions = {},
): Promise<void> {
  const { hostname, port, pathname, username } = parseDatabaseUrl(url);
  const place = `${hostname}:${port === "" ? "5432" : port}`;
  const [state] = await readState(pool).catch((error: unknown) => {
    throw explainFailure(error, { place, database: pathname.slice(1), user: username });
  });
  if (state?.is_replica === true) {
    throw refuse(`DATABASE_URL names a read replica (${place}); point it at the primary.`);
  }
  if (state?.fsync !== "on" && options.isDisposable !== true) {
    throw refuse(`Postgres at ${place} runs with fsync=off and may lose commits; turn fsync on.`);
  }
}

interface ServerState {
  readonly is_replica: boolean;
  readonly fsync: string;
}

async function readState(pool: pg.Pool): Promise<ServerState[]> {
  const text = "SELECT pg_is_in_recovery() AS is_replica, current_setting('fsync') AS fsync";
  return (await pool.query<ServerState>(text)).rows;
}

interface Place {
  readonly place: string;
  readonly database: string;
  readonly user: string;
}

function explainFailure(error: unknown, { place, database, user }: Place): AppError {
  const state = sqlState(error);
  if (state === "28P01" || state === "28000") {
    return refuse(`DATABASE_URL: Postgres at ${place} refused user "${user}".`, error);
  }
  if (state === "3D000") {
    return refuse(`DATABASE_URL: Postgres at ${place} has no database "${database}".`, error);
  }
  const fault = explainCertificate(error);
  if (fault !== undefined) {
    const text = `DATABASE_TLS_CA does not vouch for the certificate of Postgres at ${place} (${fault}); set it to the CA that signed it, or correct the certificate.`;
    return new AppError("unavailable", text, { cause: error });
  }
  if (error instanceof Error && error.message === NO_TLS) {
    const text = `DATABASE_TLS_CA is set, but Postgres at ${place} speaks no TLS; turn ssl on there, or unset DATABASE_TLS_CA.`;
    return new AppError("unavailable", text, { cause: error });
  }
  const text = `DATABASE_URL: no Postgres answers at ${place}; check the address and that it runs.`;
  return new AppError("unavailable", text, { cause: error });
}

function refuse(text: string, cause?: unknown): AppError {
  return new AppError("invalid_request", text, { param: "DATABASE_URL", cause });
}
