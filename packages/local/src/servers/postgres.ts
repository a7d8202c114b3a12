import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { ProcessSpec } from "../process/process-spec.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { prepareDataFolder } from "./postgres-data.ts";
import { choosePostgresUser, type Launcher } from "./postgres-user.ts";
import type { ServerCertificate } from "./server-certificate.ts";

const HOST = "127.0.0.1";
const CONNECTIONS_MAX = 200;
/** Of a look whether a server answers. */
const PROBE_TIMEOUT_MS = 2_000;
/** To a server that has answered: on a busy machine, a new connection may take its time. */
const CONNECT_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

/** What a test may do without: its data need not survive a power cut. */
const disposableSettings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

export interface PostgresOptions {
  readonly dataFolder: string;
  readonly port: number;
  readonly password: string;
  /** Its data need not survive a crash of the machine. */
  readonly isDisposable?: boolean;
  /** If given, it offers TLS. */
  readonly certificate?: ServerCertificate | undefined;
}

/** A PostgreSQL server on 127.0.0.1, reachable by TCP only. */
export function describePostgres(options: PostgresOptions): ProcessSpec {
  const binaries = findPostgresBinaries();
  const launcher = choosePostgresUser([binaries.postgres, options.dataFolder], options.dataFolder);
  const { certificate } = options;
  const settings = [
    `listen_addresses=${HOST}`,
    // No socket file to leave behind in a folder that all users share.
    "unix_socket_directories=",
    `max_connections=${CONNECTIONS_MAX}`,
    "timezone=UTC",
    "log_timezone=UTC",
    ...(options.isDisposable === true ? disposableSettings : []),
    ...(certificate === undefined ? [] : ["ssl=on"]),
  ];
  const [command = "", ...args] = [
    ...launcher.prefix,
    binaries.postgres,
    "-D",
    options.dataFolder,
    "-p",
    String(options.port),
    ...settings.flatMap((setting) => ["-c", setting]),
  ];
  const url = describeUrl(options, "postgres");
  return {
    name: "postgres",
    command,
    args,
    env: { PATH: process.env.PATH, LC_ALL: "C" },
    cwd: "/",
    ...launcher.credentials,
    ports: { postgres: options.port },
    // SIGINT is PostgreSQL's fast shutdown: sessions are cut, the data is written.
    stopSignal: "SIGINT",
    stopTimeoutMs: STOP_TIMEOUT_MS,
    isReady: () => canQuery(url),
    async prepare(leash) {
      await prepareDataFolder({
        folder: options.dataFolder,
        binaries,
        launcher,
        password: options.password,
        leash,
      });
      if (certificate !== undefined) {
        writeCertificate(options.dataFolder, certificate, launcher);
      }
    },
  };
}

/** Where the server looks for it by itself. It refuses a key that others may read. */
function writeCertificate(
  dataFolder: string,
  { cert, key }: ServerCertificate,
  { owner }: Launcher,
): void {
  for (const [name, text] of [
    ["server.crt", cert],
    ["server.key", key],
  ] as const) {
    const path = join(dataFolder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (owner !== undefined) {
      chownSync(path, owner.uid, owner.gid);
    }
  }
}

/** The address of one of its databases. */
export function describeUrl(
  options: Pick<PostgresOptions, "port" | "password">,
  database: string,
): string {
  return `postgres://postgres:${options.password}@${HOST}:${options.port}/${database}`;
}

/** Creates a database unless it is there. `url` leads to any database of the server. */
export async function createDatabase(url: string, name: string): Promise<string> {
  const create = async (client: pg.Client) => {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (found.rowCount === 0) {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    }
  };
  await withClient(url, create, CONNECT_TIMEOUT_MS);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

export async function dropDatabase(url: string, name: string): Promise<void> {
  const drop = (client: pg.Client) =>
    client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  await withClient(url, drop, CONNECT_TIMEOUT_MS);
}

/** Whether a server answers a query at this address. */
export async function canQuery(url: string): Promise<boolean> {
  try {
    await withClient(url, (client) => client.query("SELECT 1"));
    return true;
  } catch {
    return false;
  }
}

/** Runs `use` on one connection that is closed after it. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
  connectTimeoutMs = PROBE_TIMEOUT_MS,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "fairlead-local",
  });
  // A connection that breaks while idle shows at the next query.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
