import type { ServerResponse } from "node:http";
import type { AppError } from "@fairlead/errors";
import { encodeError } from "@fairlead/openai";

/** A client still sending after its answer is listened to for so long, so that it can read it. */
const LINGER_MS = 2_000;

/**
 * Answers with the one error shape of the API. Does nothing once an answer has begun. `members`:
 * JSON beside the error, each with a comma before it.
 */
export function sendError(response: ServerResponse, error: AppError, members = ""): void {
  if (response.headersSent || response.destroyed) {
    return;
  }
  const body = Buffer.from(encodeError(error, members));
  response.statusCode = error.httpStatus;
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", body.length);
  setRetryHeaders(response, error);
  if (!response.req.complete) {
    linger(response);
  }
  response.end(response.req.method === "HEAD" ? undefined : body);
}

function setRetryHeaders(response: ServerResponse, error: AppError): void {
  if (error.retryAfterMs !== undefined) {
    response.setHeader("retry-after", Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  }
  const headers = error.metadata?.headers;
  if (typeof headers === "object" && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, String(value));
    }
  }
}

/**
 * The rest of a refused body is thrown away for a moment. The answer does not say that the
 * connection closes: node would close it with bytes unread, which resets it, and the client would
 * never see why.
 */
function linger(response: ServerResponse): void {
  const request = response.req;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}
