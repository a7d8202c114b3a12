import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import { LinkService } from "@fairlead/proto/link/v1/link";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import type { RpcServer } from "../grpc/server.ts";
import { toGrpcServiceDefinition } from "../grpc/service-definition.ts";
import { toGrpcError } from "../grpc/status.ts";
import type { ServiceHandlers } from "../handler-types.ts";
import { cancelledError } from "../limits.ts";
import { isSupported, methodPath } from "../method.ts";
import type { AnyStreamHandler } from "../run-handler.ts";
import { grpcTransport } from "./grpc-transport.ts";
import { reportStats } from "./link-metrics.ts";
import { resolveLimits, type ServeLinkOptions } from "./link-options.ts";
import { LinkStats } from "./link-stats.ts";
import { codecOf } from "./message-codec.ts";
import { type AnyUnaryHandler, type LinkMethod, ServerConnection } from "./server-connection.ts";
import { widenLinkWindows } from "./widen-window.ts";

/** A service and what serves it. */
export type LinkEntry<S extends DescService> = readonly [S, ServiceHandlers<S>];

const callsMaxDefault = 10_000;

/**
 * Serves links: any number of services on the streams that peers open with `createLink`. To be
 * called once for a server, with all its services. The same handlers may go to `addService`.
 */
export function serveLink<const T extends readonly DescService[]>(
  server: RpcServer,
  entries: { readonly [K in keyof T]: LinkEntry<T[K]> },
  options: ServeLinkOptions = {},
): void {
  const methods = toMethods(entries);
  const limits = resolveLimits(options);
  const connections = new Set<ServerConnection>();
  const stats = new LinkStats();
  reportStats("server", () => {
    stats.openCalls = 0;
    stats.queueBytes = 0;
    for (const connection of connections) {
      stats.openCalls += connection.openCalls;
      stats.queueBytes += connection.channel.queuedBytes;
    }
    return stats;
  });
  let isDraining = false;
  server.onDrain(() => {
    isDraining = true;
    for (const connection of connections) {
      connection.drain();
    }
  });
  const connect = (stream: ServerDuplexStream<Buffer, Buffer>): void => {
    // Destroying the Node stream would leave its HTTP/2 stream open: only a status closes both.
    const transport = grpcTransport(stream, () => stream.emit("error", toGrpcError(brokenError())));
    const connection = new ServerConnection(transport, {
      methods,
      limits,
      stats,
      logger: server.logger,
      callsMax: options.callsMax ?? callsMaxDefault,
      onClosed: () => connections.delete(connection),
    });
    connections.add(connection);
    stream.on("data", (batch: Buffer) => connection.channel.receive(batch));
    stream.on("end", () => connection.peerEnded());
    const closed = (): void => connection.channel.closed(cancelledError());
    stream.on("cancelled", closed);
    stream.on("close", closed);
    stream.on("error", closed);
    // The caller takes the stream for open when it sees these.
    stream.sendMetadata(new Metadata());
    if (isDraining) {
      connection.drain();
    }
  };
  widenLinkWindows();
  server.grpc.addService(toGrpcServiceDefinition(LinkService), { connect });
}

function brokenError(): AppError {
  return new AppError("unavailable", "The connection broke; try again.");
}

function toMethods(
  entries: readonly (readonly [DescService, object])[],
): ReadonlyMap<string, LinkMethod> {
  const methods = new Map<string, LinkMethod>();
  for (const [service, handlers] of entries) {
    for (const method of service.methods.filter(isSupported)) {
      const handler = (handlers as Record<string, unknown>)[method.localName];
      methods.set(methodPath(method), toMethod(method, handler));
    }
  }
  return methods;
}

function toMethod(method: DescMethod, handler: unknown): LinkMethod {
  return {
    path: methodPath(method),
    input: codecOf(method.input),
    output: codecOf(method.output),
    handler:
      method.methodKind === "unary"
        ? { kind: "unary", run: handler as AnyUnaryHandler }
        : { kind: "stream", run: handler as AnyStreamHandler },
  };
}
