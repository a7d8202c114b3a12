export { startNats, type TestNats } from "./start-nats.ts";
export { startPostgres, type TestPostgres } from "./start-postgres.ts";
