import { Buffer, isUtf8 } from "node:buffer";
import { AppError } from "@fairlead/errors";
import type { ChatRequest } from "./chat-request.ts";
import { defaultLimits, type RequestLimits } from "./request-limits.ts";
import { isDeeperThan } from "./validate/check-depth.ts";
import { fieldRules } from "./validate/fields.ts";
import { validateEffortAgreement } from "./validate/reasoning.ts";
import { invalid, isObject, type JsonObject } from "./validate/require.ts";
import { validateToolChoice } from "./validate/tools.ts";

/**
 * Parses and validates the body of `POST /chat/completions`: one JSON.parse and one walk. A known
 * field that is null counts as not set; of duplicate keys the last wins; unknown fields pass.
 *
 * Throws `AppError` invalid_request with `param` as a path such as
 * `messages[3].content[0].image_url.url`.
 */
export function parseChatRequest(
  body: Uint8Array,
  limits: RequestLimits = defaultLimits,
): ChatRequest {
  const request = parseObject(body);
  // Also bounds the recursion of everything that walks or serialises the request later.
  if (isDeeperThan(request, limits.depthMax)) {
    throw new AppError(
      "invalid_request",
      `The body nests deeper than ${limits.depthMax} levels. Flatten it.`,
    );
  }
  for (const field in request) {
    const rule = fieldRules.get(field);
    if (rule === undefined) {
      continue;
    }
    const value = request[field];
    if (value === null) {
      request[field] = undefined;
    } else {
      rule(value, field, limits);
    }
  }
  validateTogether(request);
  return request as unknown as ChatRequest;
}

function validateTogether(request: JsonObject): void {
  if (request.messages === undefined) {
    throw invalid("messages", "is required: an array with at least one message.");
  }
  if (request.tool_choice !== undefined) {
    validateToolChoice(request.tool_choice, request.tools);
  }
  if (request.reasoning_effort !== undefined) {
    validateEffortAgreement(request);
  }
  if (request.top_logprobs !== undefined && request.logprobs === false) {
    throw invalid("top_logprobs", "needs logprobs to be true.");
  }
}

function parseObject(body: Uint8Array): JsonObject {
  if (body.length === 0) {
    throw new AppError("invalid_request", "The body is empty. Send a JSON object with messages.");
  }
  if (!isUtf8(body)) {
    throw new AppError("invalid_request", "The body is not valid UTF-8. Encode it as UTF-8.");
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const hasByteOrderMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8", hasByteOrderMark ? 3 : 0));
  } catch (error) {
    throw new AppError("invalid_request", `The body is not valid JSON: ${reason(error)}.`, {
      cause: error,
    });
  }
  if (!isObject(value)) {
    throw new AppError("invalid_request", "The body must be a JSON object with messages.");
  }
  return value;
}

/** Where the text broke, without quoting it. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const position = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message);
  return position === null
    ? "it ends too early or holds an unexpected character"
    : `see ${position[0].slice(3)}`;
}
