import { randomUUID } from "node:crypto";
import { createDatabase, dropDatabase, startPostgres as startEmbedded } from "@fairlead/local";
import { startPostgresContainer } from "./containers.ts";

/** Set by the global setup of a test run: the server that its files share. */
export const POSTGRES_VARIABLE = "FAIRLEAD_TEST_POSTGRES_URL";

export interface TestPostgres {
  /** Of a fresh, empty database. The user is a superuser. */
  readonly url: string;
  /** Drops the database. */
  stop(): Promise<void>;
}

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A fresh database on the server that the test run shares, or on one of its own without a run. */
export async function startPostgres(): Promise<TestPostgres> {
  const shared = process.env[POSTGRES_VARIABLE];
  const server = shared === undefined ? await startPostgresServer() : undefined;
  const serverUrl = shared ?? (server?.url as string);
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = await createDatabase(serverUrl, name);
  return {
    url,
    async stop() {
      await (server === undefined ? dropDatabase(serverUrl, name) : server.stop());
    },
  };
}

/** A server: in a container where a Docker engine answers, else the one of `npm start`. */
export async function startPostgresServer(): Promise<PostgresServer> {
  return (await startPostgresContainer()) ?? (await startEmbedded());
}
