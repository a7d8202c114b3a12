import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Of each open connection, the answers that are not over: several where requests are pipelined. */
export type Connections = ReadonlyMap<Socket, ReadonlySet<ServerResponse>>;

const watched = new WeakMap<Server, Connections>();

/** Follows a server's connections from now on; call it before it listens. */
export function watchConnections(server: Server): Connections {
  const open = new Map<Socket, Set<ServerResponse>>();
  watched.set(server, open);
  server.on("connection", (socket) => {
    open.set(socket, new Set());
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    const answers = open.get(socket);
    answers?.add(response);
    response.once("close", () => answers?.delete(response));
  });
  return open;
}

/** Those of a server that is watched. */
export function connectionsOf(server: Server): Connections {
  return watched.get(server) ?? new Map();
}
