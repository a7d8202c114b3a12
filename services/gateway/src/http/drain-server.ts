import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { type Connections, connectionsOf } from "./connections.ts";

const IDLE_CHECK_MS = 50;
/** A client whose answer has just ended may send its next request on the same connection at once. */
const UNUSED_MS = 1_000;

/**
 * Stops accepting, waits for open answers, and cuts all when the signal aborts. The next answer on
 * each connection is its last and says so. One that has none stays open for `keepIdleMs`, for a
 * connection that is closed may be one that its client has just written to, and such a request is
 * lost.
 */
export async function drainServer(
  server: Server,
  signal: AbortSignal,
  keepIdleMs: number,
): Promise<void> {
  const closeUnused = createCloser(connectionsOf(server), keepIdleMs);
  const timer = setInterval(closeUnused, IDLE_CHECK_MS);
  const cut = () => server.closeAllConnections();
  signal.addEventListener("abort", cut, { once: true });
  await new Promise<void>((resolve) => {
    // Not that of HTTP, which also closes at once what is idle at this moment.
    NetServer.prototype.close.call(server, () => resolve());
    if (signal.aborted) {
      cut();
    }
  });
  signal.removeEventListener("abort", cut);
  clearInterval(timer);
  // Ends what HTTP's own close would have ended.
  server.close();
}

/**
 * Looks at each connection, and destroys those that are still without a request after `keepIdleMs`.
 * Not later, though they cost nothing: what a client begins on one must end before the drain does.
 */
function createCloser(open: Connections, keepIdleMs: number): () => void {
  const keepUntilMs = performance.now() + keepIdleMs;
  const seen = new WeakMap<Socket, { bytesRead: number; usedAtMs: number }>();
  const isUsed = (socket: Socket): boolean =>
    open.get(socket)?.size !== 0 || seen.get(socket)?.bytesRead !== socket.bytesRead;
  const close = (unused: readonly Socket[]): void => {
    for (const socket of unused) {
      if (!isUsed(socket)) {
        socket.destroy();
      }
    }
  };
  return () => {
    const now = performance.now();
    const unused: Socket[] = [];
    for (const socket of open.keys()) {
      const last = seen.get(socket);
      if (last === undefined || isUsed(socket)) {
        seen.set(socket, { bytesRead: socket.bytesRead, usedAtMs: now });
      } else if (now >= keepUntilMs && now - last.usedAtMs >= UNUSED_MS) {
        unused.push(socket);
      }
    }
    if (unused.length > 0) {
      // A busy process may not have read what has long come: by then it has.
      setImmediate(() => close(unused));
    }
  };
}
