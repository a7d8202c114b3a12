import { Refusal } from "../dialects/refusal.ts";
import type { Reply } from "./reply.ts";
import { sendAnswer } from "./send-answer.ts";
import { sendError } from "./send-error.ts";
import { StreamPlayer } from "./stream-player.ts";
import { writeHeaders } from "./write-headers.ts";

const GARBAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/** Answers one request as its script says, from the first byte of the head on. */
export function sendReply(reply: Reply): void {
  const { response, dialect, record, script, exchange } = reply;
  const { fault } = script;
  if (response.destroyed) {
    return;
  }
  switch (fault?.kind) {
    case "status": {
      const message = script.errorMessage ?? `Simulated status ${fault.status}.`;
      const refusal = new Refusal(fault.status, message);
      sendError(response, dialect, record, refusal, script.retryAfterSeconds);
      return;
    }
    case "refuse":
      response.socket?.destroy();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "empty":
    case "garbage":
      sendWrongBody(reply, fault.kind === "empty" ? "" : GARBAGE);
      return;
    default:
      if (exchange.request.isStream) {
        new StreamPlayer(reply).start();
      } else {
        sendAnswer(reply);
      }
  }
}

function sendWrongBody(reply: Reply, body: string): void {
  const isStream = reply.exchange.request.isStream && body === "";
  const headers = writeHeaders(reply, isStream ? "text/event-stream" : "text/html");
  headers.push("content-length", String(body.length));
  reply.record.status = 200;
  reply.response.writeHead(200, headers);
  reply.response.end(body);
}
