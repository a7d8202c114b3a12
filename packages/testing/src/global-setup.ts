import { POSTGRES_VARIABLE, startPostgresServer } from "./start-postgres.ts";

/** Vitest's global setup of the integration tests: one PostgreSQL server for all files of a run. */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env[POSTGRES_VARIABLE] !== undefined) {
    return async () => undefined;
  }
  const server = await startPostgresServer();
  // Workers are forked after this and inherit it.
  process.env[POSTGRES_VARIABLE] = server.url;
  return async () => {
    delete process.env[POSTGRES_VARIABLE];
    await server.stop();
  };
}
