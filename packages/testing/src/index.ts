export { createCa, type TestCa } from "./create-ca.ts";
export { startNats, type TestNats } from "./start-nats.ts";
export { startPostgres, type TestPostgres } from "./start-postgres.ts";
export { startTlsNats, startTlsPostgres, type TlsServer } from "./start-tls-server.ts";
