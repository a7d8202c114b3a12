import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import {
  addService,
  createRpcServer,
  type RpcServer,
  type RpcServerOptions,
  serveLink,
} from "@fairlead/rpc";
import { type AdapterHandlersOptions, createAdapterHandlers } from "./grpc/adapter-handlers.ts";

/** The adapter's server, not listening yet: links for gateways, plain gRPC for the prober. */
export function createServer(
  serverOptions: RpcServerOptions,
  options: AdapterHandlersOptions,
): RpcServer {
  const server = createRpcServer(serverOptions);
  const handlers = createAdapterHandlers(options);
  addService(server, AdapterService, handlers);
  serveLink(server, [[AdapterService, handlers]], { callsMax: options.capacity });
  return server;
}
