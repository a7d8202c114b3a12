import type { ServerResponse } from "node:http";
import type { AppError } from "@fairlead/errors";
import {
  type ChunkIdentity,
  doneEvent,
  encodeChunkHead,
  errorChunk,
  keepAliveComment,
} from "@fairlead/openai";
import type { Answer, AnswerEnd } from "./answer.ts";
import { sendError } from "./send-error.ts";

const headers = [
  ["content-type", "text/event-stream"],
  ["cache-control", "no-cache"],
  // Nginx would otherwise gather the stream before it passes it on.
  ["x-accel-buffering", "no"],
] as const;

/**
 * Server-sent events. The head goes out with the first content, so that until then a failure is an
 * ordinary error; when the first content is late, a comment commits the 200 and keeps proxies and
 * clients waiting.
 */
export class StreamAnswer implements Answer {
  readonly #response: ServerResponse;
  readonly #keepAliveMs: number;
  #keepAlive: NodeJS.Timeout | undefined;
  #deliveredBytes = 0;
  #isChunked = false;

  constructor(response: ServerResponse, keepAliveMs: number) {
    this.#response = response;
    this.#keepAliveMs = keepAliveMs;
  }

  get isCommitted(): boolean {
    return this.#response.headersSent;
  }

  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  keepWaiting(): void {
    this.#keepAlive = setInterval(() => this.#sendComment(), this.#keepAliveMs);
  }

  start(): void {
    this.abandon();
    this.#commit();
  }

  output(bytes: Uint8Array): boolean {
    if (bytes.length === 0) {
      // As a chunk, nothing would be the end of the body.
      return true;
    }
    this.#deliveredBytes += bytes.length;
    return this.#response.write(this.#isChunked ? toChunk(bytes) : bytes);
  }

  end({ identity, usage, members }: AnswerEnd): void {
    this.abandon();
    this.#commit();
    this.#finish(
      `data: ${encodeChunkHead(identity)}"choices":[],"usage":${usage}${members}}\n\n` + doneEvent,
    );
  }

  fail(error: AppError, identity: ChunkIdentity, members: string): void {
    this.abandon();
    if (this.isCommitted) {
      this.#finish(errorChunk(identity, error, members));
    } else {
      sendError(this.#response, error, members);
    }
  }

  abandon(): void {
    if (this.#keepAlive !== undefined) {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
  }

  #commit(): void {
    const response = this.#response;
    if (!response.headersSent) {
      for (const [name, value] of headers) {
        response.setHeader(name, value);
      }
      response.writeHead(200);
      // Node writes a chunk in four pieces, which costs more than all else that an event costs
      // here.
      this.#isChunked = response.chunkedEncoding;
      response.chunkedEncoding = false;
    }
  }

  #finish(text: string): void {
    const bytes = Buffer.from(text);
    this.#response.end(this.#isChunked ? Buffer.concat([toChunk(bytes), lastChunk]) : bytes);
  }

  #sendComment(): void {
    this.#commit();
    const comment = Buffer.from(keepAliveComment);
    this.#response.write(this.#isChunked ? toChunk(comment) : comment);
  }
}

const lineEnd = "\r\n";
const lastChunk = Buffer.from("0\r\n\r\n");

/** RFC 9112, section 7.1: the length in hexadecimal, the bytes, each with a line end. */
function toChunk(bytes: Uint8Array): Buffer {
  const head = bytes.length.toString(16) + lineEnd;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + lineEnd.length);
  chunk.write(head, 0, "latin1");
  chunk.set(bytes, head.length);
  chunk.write(lineEnd, head.length + bytes.length, "latin1");
  return chunk;
}
