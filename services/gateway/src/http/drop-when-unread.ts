import type { ServerResponse } from "node:http";

/**
 * Destroys the response when its client takes no byte of what was written for `timeoutMs`: it must
 * not hold its socket and memory for ever. One that reads slowly, but reads, has all the time it
 * needs. Ends with the answer, or when the returned function is called.
 *
 * By the socket's own timer, for it alone counts what the kernel took of a write that goes on.
 */
export function dropWhenUnread(response: ServerResponse, timeoutMs: number): () => void {
  const drop = (): void => void response.destroy();
  const stop = (): void => {
    response.off("timeout", drop);
    response.off("finish", stop);
    response.setTimeout(0);
  };
  if (response.writableFinished || response.destroyed) {
    return stop;
  }
  response.setTimeout(timeoutMs);
  response.on("timeout", drop);
  // Before node sets the time that the connection may wait for its next request.
  response.prependOnceListener("finish", stop);
  return stop;
}
