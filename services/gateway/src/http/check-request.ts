import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@fairlead/errors";

/** Throws 405 (and names the methods in `Allow`) or 415 for what no JSON route takes. */
export function checkJsonPost(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "POST") {
    refuseMethod(request, response, "POST");
  }
  const type = request.headers["content-type"];
  if (type !== undefined && !isJson(type)) {
    throw new AppError(
      "unsupported_media_type",
      `Content-Type ${type.slice(0, 80)} is not supported. Send application/json.`,
    );
  }
  if (request.headers["content-encoding"] !== undefined) {
    throw new AppError(
      "unsupported_media_type",
      "Compressed bodies are not supported. Send the body without Content-Encoding.",
    );
  }
}

export function refuseMethod(
  request: IncomingMessage,
  response: ServerResponse,
  allowed: string,
): never {
  response.setHeader("allow", allowed);
  throw new AppError(
    "method_not_allowed",
    `${request.method} is not allowed here. Use ${allowed}.`,
  );
}

function isJson(type: string): boolean {
  if (type === "application/json") {
    return true;
  }
  const [essence = ""] = type.split(";", 1);
  const name = essence.trim().toLowerCase();
  return name === "application/json" || /^application\/[\w.-]+\+json$/.test(name);
}
