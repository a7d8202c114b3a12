import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { parseOtlp } from "./parse-otlp.ts";
import { TraceStore } from "./trace-store.ts";

const HOST = "127.0.0.1";
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

export interface TraceReceiver {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT takes; also serves `/traces` and `/traces/<id>`. */
  readonly url: string;
  readonly store: TraceStore;
  close(): Promise<void>;
}

/**
 * Receives OTLP over HTTP (JSON) at /v1/traces and keeps the last traces in memory. `/traces`
 * lists them, `/traces/last` and `/traces/<trace or generation id>` answer one.
 */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const store = new TraceStore();
  const server = createServer((request, response) => {
    answer(store, request, response).catch(() => sendJson(response, 400, { error: "not OTLP" }));
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${port}`, store, close: () => close(server) };
}

async function answer(
  store: TraceStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split("?", 1)[0] ?? "/";
  if (request.method === "POST" && path === "/v1/traces") {
    if (!request.headers["content-type"]?.startsWith("application/json")) {
      sendJson(response, 415, { error: "only OTLP in JSON is understood: http/json" });
      return;
    }
    const body = await readBody(request);
    if (body === undefined) {
      sendJson(response, 413, { error: `at most ${BODY_BYTES_MAX} bytes` });
      return;
    }
    store.add(parseOtlp(JSON.parse(body)));
    sendJson(response, 200, {});
  } else if (request.method === "GET" && path === "/traces") {
    sendJson(response, 200, store.list());
  } else if (request.method === "GET" && path.startsWith("/traces/")) {
    const id = decodeURIComponent(path.slice("/traces/".length));
    const trace = store.find(id === "last" ? undefined : id);
    sendJson(response, trace === undefined ? 404 : 200, trace ?? { error: "no such trace" });
  } else {
    request.resume();
    sendJson(response, 404, { error: "not found" });
  }
}

/** The body as text, unpacked; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      return undefined;
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const isPacked = request.headers["content-encoding"] === "gzip";
  return (isPacked ? gunzipSync(body, { maxOutputLength: BODY_BYTES_MAX }) : body).toString("utf8");
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
