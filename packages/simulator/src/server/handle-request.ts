import type { IncomingMessage, ServerResponse } from "node:http";
import { handleControl } from "../control/handle-control.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { dialects } from "../dialects/registry.ts";
import { presets } from "../script/presets.ts";
import { handleInference } from "./handle-inference.ts";
import { readBody } from "./read-body.ts";
import type { Simulation } from "./simulation.ts";

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const OPENAI_CHAT = "/openai/v1/chat/completions";
const ANTHROPIC_MESSAGES = "/anthropic/v1/messages";
const GEMINI_MODELS = "/gemini/v1beta/models/";
const CONTROL = "/control/";

/** Paths of the model lists: what the free probes ask for. */
const modelLists: Readonly<Record<string, Dialect>> = {
  "/openai/v1/models": dialects.openai,
  "/anthropic/v1/models": dialects.anthropic,
  "/gemini/v1beta/models": dialects.gemini,
};

export function createRequestHandler(simulation: Simulation) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = mark === -1 ? "" : url.slice(mark + 1);
    readBody(request, BODY_BYTES_MAX, (body) => {
      if (body === undefined) {
        sendText(response, 413, "The body is too long.\n");
      } else {
        route(simulation, request, response, { path, query, body });
      }
    });
  };
}

interface Target {
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
}

function route(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  { path, query, body }: Target,
): void {
  if (request.method === "POST") {
    const dialect = findDialect(path);
    if (dialect !== undefined) {
      const rest = dialect.name === "gemini" ? decodePath(path.slice(GEMINI_MODELS.length)) : "";
      handleInference(simulation, { request, response, dialect, path: rest, query, body });
      return;
    }
  }
  if (path.startsWith(CONTROL)) {
    handleControl(simulation, request, response, { path, query, body });
    return;
  }
  const list = Object.hasOwn(modelLists, path) ? modelLists[path] : undefined;
  if (request.method === "GET" && list !== undefined) {
    const names = [...Object.keys(presets), ...simulation.fixtures.names()];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(list.writeModels(names));
    return;
  }
  sendText(response, 404, `The simulator has no ${request.method} ${path}.\n`);
}

function findDialect(path: string): Dialect | undefined {
  if (path === OPENAI_CHAT) {
    return dialects.openai;
  }
  if (path === ANTHROPIC_MESSAGES) {
    return dialects.anthropic;
  }
  return path.startsWith(GEMINI_MODELS) ? dialects.gemini : undefined;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(text);
}
