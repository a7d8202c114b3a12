import type { IncomingHttpHeaders } from "node:http";
import type { Dialect } from "../dialect.ts";
import { Refusal } from "../refusal.ts";
import { createStream } from "./create-stream.ts";
import { readRequest } from "./read-request.ts";
import { writeAnswer } from "./write-answer.ts";
import { writeError } from "./write-error.ts";

const BEARER = "Bearer ";
const TYPE = /^\{\s*"type"\s*:\s*"([^"]+)"/;

export const anthropic: Dialect = {
  name: "anthropic",
  readKey: (headers) => readSingle(headers["x-api-key"]) ?? readBearer(headers),
  checkHeaders: (headers) => {
    if (readSingle(headers["anthropic-version"]) === undefined) {
      throw new Refusal(400, "anthropic-version: header is required");
    }
  },
  readRequest,
  writeAnswer,
  createStream,
  writeError,
  writeModels: (models) =>
    JSON.stringify({
      data: models.map((id) => ({
        type: "model",
        id,
        display_name: id,
        created_at: "2026-01-01T00:00:00Z",
      })),
      has_more: false,
      first_id: models.at(0) ?? null,
      last_id: models.at(-1) ?? null,
    }),
  writeRecorded: (line) => {
    const type = TYPE.exec(line)?.[1] ?? "message";
    return `event: ${type}\ndata: ${line}\n\n`;
  },
  recordedEnd: "",
  requestIdHeader: "request-id",
};

function readSingle(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readBearer(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  return authorization?.startsWith(BEARER) ? authorization.slice(BEARER.length) : undefined;
}
