export type {
  Platform,
  PlatformAddresses,
  PlatformOptions,
  PlatformProcess,
} from "./platform/platform.ts";
export { startPlatform } from "./platform/start-platform.ts";
export { findFreePorts } from "./process/ports.ts";
export { isExecutable, searchPath } from "./process/search-path.ts";
export type { ServerCertificate } from "./servers/server-certificate.ts";
export { type RunningServer, startNats, startPostgres } from "./servers/start-server.ts";
export { createDatabase, dropDatabase } from "./servers/postgres.ts";
export { parseOtlp } from "./traces/parse-otlp.ts";
export type { Span, SpanLink, Trace, TraceSummary } from "./traces/span.ts";
