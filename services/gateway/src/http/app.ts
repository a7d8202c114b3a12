import { randomUUID } from "node:crypto";
import { AppError } from "@fairlead/errors";
import type { Logger } from "@fairlead/kit";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { RequestHandler } from "./chat-handler.ts";
import { refuseMethod } from "./check-request.ts";
import { setRequestId } from "./request-id.ts";
import type { Routes } from "./routes.ts";
import { sendError } from "./send-error.ts";

/** OpenRouter's clients use the first, OpenAI's SDKs may be given either. */
export const prefixes = ["/api/v1", "/v1"] as const;
export const CHAT_PATH = "/chat/completions";

export interface AppOptions {
  readonly chat: RequestHandler;
  readonly routes: Routes;
  /** What /readyz answers: the public port tells load balancers the same as the ops port. */
  readonly readiness: () => { readonly isReady: boolean; readonly isDraining: boolean };
  readonly logger: Logger;
}

/** The whole public API as an Express application. Nothing parses bodies: each handler does. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);
  for (const prefix of prefixes) {
    app.all(prefix + CHAT_PATH, (request, response) => options.chat(request, response));
    for (const [path, read] of Object.entries(options.routes)) {
      app.all(prefix + path, async (request, response) => {
        setRequestId(request, response, randomUUID());
        if (request.method !== "GET" && request.method !== "HEAD") {
          refuseMethod(request, response, "GET, HEAD");
        }
        const { params } = request;
        response.json(await read({ request, query: readQuery(request), params: flatten(params) }));
      });
    }
  }
  app.get("/readyz", (_request, response) => {
    const { isReady } = options.readiness();
    response.status(isReady ? 200 : 503).json({ status: isReady ? "ready" : "not ready" });
  });
  app.use((request: Request) => {
    const path = request.path.slice(0, 200);
    throw new AppError("not_found", `There is nothing at ${path}. The API is under /api/v1.`);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const known = toAppError(error);
    if (known.code === "internal") {
      options.logger.error({ error: known }, "a request failed inside");
    }
    sendError(response, known);
  });
  return app;
}

/** The last of repeated parameters wins; nothing nests. */
function readQuery(request: Request): Record<string, string> {
  const start = request.url.indexOf("?");
  return start < 0 ? {} : Object.fromEntries(new URLSearchParams(request.url.slice(start)));
}

function flatten(params: Request["params"]): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
}

/** Express itself refuses paths that cannot be decoded. */
function toAppError(error: unknown): AppError {
  return error instanceof URIError
    ? new AppError("invalid_request", "The path is not valid. Check its %-encoding.")
    : AppError.from(error);
}
