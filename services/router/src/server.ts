import { RouterService } from "@fairlead/proto/router/v1/router";
import {
  addService,
  createRpcServer,
  type RpcServer,
  type RpcServerOptions,
  serveLink,
} from "@fairlead/rpc";
import type { RouterState } from "./router-state.ts";
import { createRouterHandlers } from "./grpc/router-service.ts";
import type { RouterMetrics } from "./router-metrics.ts";

export interface ServerDependencies extends RpcServerOptions {
  readonly state: RouterState;
  readonly metrics: RouterMetrics;
}

/** The router's gRPC server, with the same handlers over plain gRPC and over links. */
export function createServer({ state, metrics, ...options }: ServerDependencies): RpcServer {
  const server = createRpcServer(options);
  const handlers = createRouterHandlers(state, metrics);
  addService(server, RouterService, handlers);
  serveLink(server, [[RouterService, handlers]]);
  return server;
}
