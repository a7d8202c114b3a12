import { RouterService } from "@fairlead/proto/router/v1/router";
import {
  addService,
  createRpcServer,
  type RpcLogger,
  type RpcServer,
  serveLink,
} from "@fairlead/rpc";
import type { RouterState } from "./router-state.ts";
import { createRouterHandlers } from "./grpc/router-service.ts";
import type { RouterMetrics } from "./router-metrics.ts";

export interface ServerDependencies {
  readonly state: RouterState;
  readonly metrics: RouterMetrics;
  readonly logger: RpcLogger;
}

/** The router's gRPC server, with the same handlers over plain gRPC and over links. */
export function createServer({ state, metrics, logger }: ServerDependencies): RpcServer {
  const server = createRpcServer({ logger });
  const handlers = createRouterHandlers(state, metrics);
  addService(server, RouterService, handlers);
  serveLink(server, [[RouterService, handlers]]);
  return server;
}
