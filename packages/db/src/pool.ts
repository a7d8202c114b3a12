import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { AppError } from "@fairlead/errors";
import type { Logger } from "@fairlead/kit";
import pg from "pg";
import { observePool } from "./pool-metrics.ts";

const INT8_OID = 20;
const CONNECT_TIMEOUT_MS = 2_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Beyond the server's own timeout: for servers that no longer answer at all. */
const SILENCE_MS = 2_000;

export type Pool = pg.Pool;

export interface PoolOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly max: number;
  readonly applicationName: string;
  /** The server ends a statement after it; the client gives up a little later. 0 = never. */
  readonly statementTimeoutMs: number;
  readonly logger: Logger;
  /** PEM file of who signed the server's certificate: TLS, its name checked, and nothing else. */
  readonly caFile?: string | undefined;
  /** Taken by SET ROLE on every connection, so that its rights hold whoever logs in. */
  readonly role?: string;
}

/**
 * A pool whose int8 columns are bigint. Connections are made when needed: nothing is tried here.
 */
export function createPool(options: PoolOptions): Pool {
  const { url, max, applicationName, statementTimeoutMs, logger, role, caFile } = options;
  const parsed = parseDatabaseUrl(url);
  if (caFile !== undefined) {
    // In the URL, it would win over what the file demands.
    parsed.searchParams.delete("sslmode");
  }
  const pool = new pg.Pool({
    connectionString: caFile === undefined ? url : parsed.href,
    ...(caFile !== undefined && { ssl: verifyBy(caFile) }),
    max,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
    ...(statementTimeoutMs > 0 && {
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + SILENCE_MS,
      idle_in_transaction_session_timeout: statementTimeoutMs,
    }),
    ...(role !== undefined && { onConnect: (client: pg.ClientBase) => takeRole(client, role) }),
  });
  // Without a listener, a connection that dies would end the process: while it is idle …
  pool.on("error", (error) => logger.warn({ error }, "idle database connection lost"));
  // … and while it is held: the statement under way fails, or the next one.
  pool.on("connect", (client) =>
    client.on("error", (error) => logger.debug({ error }, "database connection lost")),
  );
  observePool(pool, applicationName);
  return pool;
}

/** Checks the form of DATABASE_URL; the message never repeats it, since it holds a password. */
export function parseDatabaseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new AppError(
      "invalid_request",
      "DATABASE_URL must look like postgres://user:password@host:5432/database.",
      { param: "DATABASE_URL" },
    );
  }
  return parsed;
}

/** The file is read for each connection, so that a new one counts. */
function verifyBy(caFile: string): ConnectionOptions {
  return {
    get ca() {
      return readFileSync(caFile);
    },
    rejectUnauthorized: true,
  };
}

async function takeRole(client: pg.ClientBase, role: string): Promise<void> {
  await client.query(`SET ROLE ${pg.escapeIdentifier(role)}`);
}

// pg's own type maps every (oid, format) to a parser of unknown input.
const getTypeParser = ((oid: number, format: "text" | "binary") =>
  oid === INT8_OID && format !== "binary"
    ? BigInt
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
