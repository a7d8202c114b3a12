export {
  type ApiKeyKind,
  hashApiKey,
  hmacApiKey,
  labelApiKey,
  mintApiKey,
  parseApiKey,
} from "./api-key.ts";
export { addresses, type BaseConfig, baseConfig, integer, loadConfig, secret } from "./config.ts";
export { explainCertificate } from "./explain-certificate.ts";
export { createHistogram, type Histogram } from "./histogram.ts";
export { runService } from "./lifecycle.ts";
export { createLogger, type Logger } from "./logger.ts";
export { closeServer, listen } from "./ops-server.ts";
export { attr, buckets, metric } from "./semconv.ts";
export type { Readiness } from "./readiness.ts";
export type { ServiceContext } from "./service-context.ts";
export { startSpan, type SpanStart } from "./start-span.ts";
export { grpcTls, natsTls } from "./tls-config.ts";
export { TransientMap } from "./transient-map.ts";
export { isSampled, parseTraceparent, toTraceparent, type TraceParent } from "./traceparent.ts";
