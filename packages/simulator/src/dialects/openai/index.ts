import type { IncomingHttpHeaders } from "node:http";
import type { Dialect } from "../dialect.ts";
import { createStream } from "./create-stream.ts";
import { readRequest } from "./read-request.ts";
import { writeAnswer } from "./write-answer.ts";
import { writeError } from "./write-error.ts";

const BEARER = "Bearer ";

export const openai: Dialect = {
  name: "openai",
  readKey: readBearer,
  checkHeaders: () => {},
  readRequest,
  writeAnswer,
  createStream,
  writeError,
  writeModels: (models) =>
    JSON.stringify({
      object: "list",
      data: models.map((id) => ({ id, object: "model", created: 0, owned_by: "simulator" })),
    }),
  writeRecorded: (line) => `data: ${line}\n\n`,
  recordedEnd: "data: [DONE]\n\n",
  requestIdHeader: "x-request-id",
};

function readBearer(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  return authorization?.startsWith(BEARER) ? authorization.slice(BEARER.length) : undefined;
}
