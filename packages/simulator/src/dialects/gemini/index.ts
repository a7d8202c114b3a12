import type { Dialect } from "../dialect.ts";
import { createStream } from "./create-stream.ts";
import { readRequest } from "./read-request.ts";
import { writeAnswer } from "./write-answer.ts";
import { writeError } from "./write-error.ts";

export const gemini: Dialect = {
  name: "gemini",
  readKey: (headers, query) => {
    const header = headers["x-goog-api-key"];
    return typeof header === "string" && header !== ""
      ? header
      : (new URLSearchParams(query).get("key") ?? undefined);
  },
  checkHeaders: () => {},
  readRequest,
  writeAnswer,
  createStream,
  writeError,
  writeModels: (models) =>
    JSON.stringify({
      models: models.map((id) => ({
        name: `models/${id}`,
        version: "001",
        displayName: id,
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ["generateContent", "streamGenerateContent"],
      })),
    }),
  writeRecorded: (line) => `data: ${line}\n\n`,
  recordedEnd: "",
  requestIdHeader: "x-goog-request-id",
};
