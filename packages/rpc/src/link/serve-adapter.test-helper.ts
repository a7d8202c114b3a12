import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { createRpcServer } from "../grpc/server.ts";
import type { ServiceHandlers } from "../handler-types.ts";
import { serveLink } from "./serve-link.ts";

export const silentLogger = { info() {}, warn() {}, error() {} };

export const unusedHandlers: ServiceHandlers<typeof AdapterService> = {
  probe: async () => ({}),
  acknowledgeUsage: async () => ({}),
  abort: async () => ({}),
  generate: (_request, call) => call.end(),
};

// Run by itself: a process for tests to kill, that answers probes and never ends a generation.
if (process.send !== undefined && import.meta.main) {
  const server = createRpcServer({ logger: silentLogger });
  const generate: (typeof unusedHandlers)["generate"] = (_request, call) => {
    call.send(Buffer.from("first"));
  };
  serveLink(server, [[AdapterService, { ...unusedHandlers, generate }]]);
  process.send(await server.listen("127.0.0.1", 0));
}
