import { Refusal } from "../dialects/refusal.ts";
import type { Reply } from "./reply.ts";
import { sendError } from "./send-error.ts";
import { writeHeaders } from "./write-headers.ts";

/** Sends a JSON answer, whole or as the fault wants it. */
export function sendAnswer(reply: Reply): void {
  const { response, dialect, exchange, record, script } = reply;
  const { fault } = script;
  if (fault?.kind === "error_after") {
    sendError(response, dialect, record, new Refusal(500, "The server had an error."));
    return;
  }
  const body =
    fault?.kind === "error_first"
      ? dialect.writeError(new Refusal(503, "The model is overloaded."), record.sequence)
      : dialect.writeAnswer(exchange);
  const headers = writeHeaders(reply, "application/json");
  headers.push("content-length", String(Buffer.byteLength(body)));
  record.status = 200;
  record.promptTokens = exchange.usage.prompt;
  response.writeHead(200, headers);
  switch (fault?.kind) {
    case "cut":
      response.write(Buffer.from(body).subarray(0, fault.byte));
      response.socket?.destroySoon();
      return;
    case "stall":
    case "endless":
      response.write(body.slice(0, body.length / 2));
      return;
    case "malformed":
      // As long as announced, and no JSON.
      response.end(Buffer.alloc(Buffer.byteLength(body), "{"));
      return;
    default:
      record.completionTokensWritten =
        fault?.kind === "error_first" ? 0 : exchange.usage.completion;
      sendBody(reply, body);
  }
}

function sendBody({ response, script }: Reply, body: string): void {
  if (script.slice === 0) {
    response.end(body);
    return;
  }
  const bytes = Buffer.from(body);
  let start = 0;
  const next = (): void => {
    if (response.destroyed) {
      return;
    }
    const slice = bytes.subarray(start, start + script.slice);
    start += script.slice;
    if (start >= bytes.length) {
      response.end(slice);
      return;
    }
    response.write(slice);
    setImmediate(next);
  };
  next();
}
