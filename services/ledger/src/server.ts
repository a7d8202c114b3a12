import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { addService, createRpcServer, type RpcServer, type RpcServerOptions } from "@fairlead/rpc";
import { type AccountDependencies, createAccountHandlers } from "./grpc/account-handlers.ts";
import { createKeyHandlers, type KeyDependencies } from "./grpc/key-handlers.ts";
import { createLeaseHandlers, type LeaseDependencies } from "./grpc/lease-handlers.ts";
import { createUsageHandlers, type UsageDependencies } from "./grpc/usage-handlers.ts";

export interface ServerDependencies
  extends AccountDependencies,
    KeyDependencies,
    LeaseDependencies,
    UsageDependencies,
    RpcServerOptions {}

/** The ledger's gRPC server; it does not listen yet. */
export function createServer(dependencies: ServerDependencies): RpcServer {
  const server = createRpcServer(dependencies);
  addService(server, LedgerService, {
    ...createAccountHandlers(dependencies),
    ...createKeyHandlers(dependencies),
    ...createLeaseHandlers(dependencies),
    ...createUsageHandlers(dependencies),
  });
  return server;
}
