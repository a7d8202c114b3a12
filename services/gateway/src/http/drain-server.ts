import type { Server } from "node:http";

/** A connection that has had its answer is closed within this. */
const IDLE_CHECK_MS = 50;

/** Stops accepting and waits for open answers; cuts them when the signal aborts. */
export async function drainServer(server: Server, signal: AbortSignal): Promise<void> {
  const timer = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = () => server.closeAllConnections();
  signal.addEventListener("abort", cut, { once: true });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  signal.removeEventListener("abort", cut);
  clearInterval(timer);
}
