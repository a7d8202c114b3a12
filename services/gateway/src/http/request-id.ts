import type { IncomingMessage, ServerResponse } from "node:http";

const pattern = /^[\w.:-]{1,128}$/;

/** Repeats the client's own request id where it is harmless, else names ours. */
export function setRequestId(
  request: IncomingMessage,
  response: ServerResponse,
  ours: string,
): void {
  const theirs = request.headers["x-request-id"];
  const isGood = typeof theirs === "string" && pattern.test(theirs);
  response.setHeader("x-request-id", isGood ? theirs : ours);
}
