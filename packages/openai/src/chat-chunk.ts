import type { AppError } from "@fairlead/errors";
import { encodeUsage, type TokenCounts, type UsageCost } from "./encode-usage.ts";
import { encodeErrorMember } from "./error-body.ts";

/** What every chunk of one stream says the same. */
export interface ChunkIdentity {
  /** `gen-…` */
  readonly id: string;
  /** Public id of the model that answers. */
  readonly model: string;
  /** Display name of the provider. */
  readonly provider: string;
  /** Unix seconds. */
  readonly created: number;
}

/** The last event of every stream. */
export const doneEvent = "data: [DONE]\n\n";

/** Keeps proxies and clients waiting. A comment, which parsers skip: never wrapped in `data:`. */
export const keepAliveComment = ": FAIRLEAD PROCESSING\n\n";

/** A chunk's JSON up to and with the comma before `choices` (or another member). */
export function encodeChunkHead(identity: ChunkIdentity): string {
  return (
    `{"id":${JSON.stringify(identity.id)},"provider":${JSON.stringify(identity.provider)},` +
    `"model":${JSON.stringify(identity.model)},"object":"chat.completion.chunk",` +
    `"created":${identity.created},`
  );
}

/** The one usage event of a stream: after the finish reason, before `[DONE]`. */
export function usageChunk(identity: ChunkIdentity, tokens: TokenCounts, cost: UsageCost): string {
  return `data: ${encodeChunkHead(identity)}"choices":[],"usage":${encodeUsage(tokens, cost)}}\n\n`;
}

/**
 * A failure after the first content: the status is sent, so it is told in-band. `members`: beside
 * the error, each with a comma before it.
 */
export function errorChunk(identity: ChunkIdentity, error: AppError, members = ""): string {
  return (
    `data: ${encodeChunkHead(identity)}${encodeErrorMember(error, members)},` +
    `"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error",` +
    `"native_finish_reason":null,"logprobs":null}]}\n\n`
  );
}
