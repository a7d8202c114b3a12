import type { ServerResponse } from "node:http";

/** A finished answer that its client does not read must not hold its socket and bytes for ever. */
export function dropWhenUnread(response: ServerResponse, timeoutMs: number): void {
  if (!response.writableEnded || response.writableFinished || response.destroyed) {
    return;
  }
  const timer = setTimeout(() => response.destroy(), timeoutMs);
  timer.unref();
  response.once("close", () => clearTimeout(timer));
}
