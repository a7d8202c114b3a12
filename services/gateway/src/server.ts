import { createServer as createHttpServer, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "@fairlead/errors";
import { encodeError } from "@fairlead/openai";
import { type AppOptions, CHAT_PATH, createApp, prefixes } from "./http/app.ts";
import { watchConnections } from "./http/connections.ts";
import { createHttpMetrics } from "./http/http-metrics.ts";

export interface HttpLimits {
  /** Until the head of a request is complete. */
  readonly headersTimeoutMs: number;
  /** Until its body is complete. */
  readonly requestTimeoutMs: number;
  /** Longer than a load balancer's own, so that it is the one that closes. */
  readonly keepAliveTimeoutMs: number;
  readonly checkIntervalMs: number;
  readonly headBytesMax: number;
  readonly connectionsMax: number;
  readonly requestsPerSocketMax: number;
}

export const defaultHttpLimits: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 75_000,
  checkIntervalMs: 2_000,
  headBytesMax: 16_384,
  connectionsMax: 20_000,
  requestsPerSocketMax: 100_000,
};

/** The public HTTP server; the caller makes it listen. */
export function createServer(options: AppOptions, limits = defaultHttpLimits): Server {
  const app = createApp(options);
  const { chat, routes } = options;
  const watch = createHttpMetrics([CHAT_PATH, ...Object.keys(routes)]);
  const hotPaths = new Set<string | undefined>(prefixes.map((prefix) => prefix + CHAT_PATH));
  const server = createHttpServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      maxHeaderSize: limits.headBytesMax,
      insecureHTTPParser: false,
      noDelay: true,
    },
    (request, response) => {
      // A client that kept its connection would come back here until the drain refuses it.
      if (options.readiness().isDraining) {
        response.shouldKeepAlive = false;
      }
      watch(request, response);
      // The one hot path does not go through Express: matching and wrapping cost as much as the
      // plan of the request. Every other spelling of it does.
      if (hotPaths.has(request.url)) {
        chat(request, response);
      } else {
        app(request, response);
      }
    },
  );
  server.maxConnections = limits.connectionsMax;
  server.maxRequestsPerSocket = limits.requestsPerSocketMax;
  const connections = watchConnections(server);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
    refuseBadRequest(error, socket, connections.get(socket as Socket)),
  );
  return server;
}

/** What the HTTP parser refused gets the API's own error shape, and the connection is closed. */
function refuseBadRequest(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  answers: ReadonlySet<ServerResponse> = new Set(),
): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  if ([...answers].some((it) => it.headersSent && !it.writableFinished)) {
    // In the middle of an answer there is nothing left to say.
    socket.destroy();
    return;
  }
  const [status, text, known] = describeBadRequest(error);
  const body = encodeError(known);
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function describeBadRequest(error: NodeJS.ErrnoException): [number, string, AppError] {
  switch (error.code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [
        408,
        "Request Timeout",
        new AppError("timeout", "The request was not complete in time. Send it again."),
      ];
    case "HPE_HEADER_OVERFLOW":
      return [
        431,
        "Request Header Fields Too Large",
        new AppError("invalid_request", "The headers are larger than 16 KiB. Send fewer."),
      ];
    default:
      return [
        400,
        "Bad Request",
        new AppError("invalid_request", "The request is not valid HTTP/1.1."),
      ];
  }
}
