export { type ClientOptions, createClient } from "./grpc/client.ts";
export type { CallOptions, RpcClient } from "./client-types.ts";
export { createLink } from "./link/create-link.ts";
export {
  type AddressWatch,
  type AddressWatchOptions,
  type ResolveHost,
  watchAddresses,
} from "./discovery/watch-addresses.ts";
export { errorDetail, setErrorDetail } from "./error-detail.ts";
export type {
  CallContext,
  IterableHandler,
  LinkStreamHandler,
  ServerCall,
  ServiceHandlers,
  UnaryHandler,
} from "./handler-types.ts";
export type { LinkLimits, LinkOptions, ServeLinkOptions } from "./link/link-options.ts";
export type { CallSink, ClientCall, Link, LinkState } from "./link/link-types.ts";
export type { RpcLogger } from "./log.ts";
export { addService } from "./grpc/serve.ts";
export { type LinkEntry, serveLink } from "./link/serve-link.ts";
export {
  type ClientSecurity,
  openRpcSecurity,
  type RpcSecurity,
  type ServiceName,
} from "./tls/rpc-security.ts";
export type { TlsPaths } from "./tls/certificate-files.ts";
export { createRpcServer, type RpcServer, type RpcServerOptions } from "./grpc/server.ts";
