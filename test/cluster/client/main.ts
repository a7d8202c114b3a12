import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { Load, type LoadOptions } from "../../kill/load.ts";

/**
 * Clients of the platform, as a pod: they reach the gateway by its Service on any cluster. What
 * they do and what became of it is asked for over HTTP:
 *
 *   POST /loads/NAME          starts one; the body is LoadOptions without address and key
 *   GET /loads/NAME           its requests so far
 *   POST /loads/NAME/stop     ends it; answers when the last request under way has ended
 *   GET /now                  this clock, to which the times of requests belong
 */
const { GATEWAY_URL = "", API_KEY_FILE = "", PORT = "8099" } = process.env;
const apiKey = readFileSync(API_KEY_FILE, "utf8").trim();
const loads = new Map<string, Load>();

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
  }
  return text;
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? "/", "http://client");
  const [, kind, name = "", action] = pathname.split("/");
  if (kind === "now") {
    return Date.now();
  }
  if (request.method === "POST" && action === undefined) {
    const options = JSON.parse(await readBody(request)) as LoadOptions;
    loads.set(name, new Load({ ...options, baseUrl: GATEWAY_URL, apiKey }));
  }
  const load = loads.get(name);
  if (load === undefined) {
    throw new Error(`there is no load ${name}`);
  }
  if (action === "stop") {
    await load.stop();
  }
  return request.method === "GET" || action === "stop" ? load.requests : "started";
}

const server = createServer((request, response) => {
  answer(request).then(
    (value) => response.end(JSON.stringify(value)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
// A stop waits for streams of half a minute.
server.requestTimeout = 0;
server.listen(Number(PORT));
// Nothing of it need be finished: the pod goes when the test is over.
process.once("SIGTERM", () => process.exit(0));
