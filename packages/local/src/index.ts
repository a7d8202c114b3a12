export { startNats, startPostgres, type RunningServer } from "./servers/start-server.ts";
export { createDatabase, dropDatabase } from "./servers/postgres.ts";
