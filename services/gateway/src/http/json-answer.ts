import type { ServerResponse } from "node:http";
import type { AppError } from "@fairlead/errors";
import type { ChunkIdentity } from "@fairlead/openai";
import type { Answer, AnswerEnd } from "./answer.ts";
import { sendError } from "./send-error.ts";

/** A whole JSON document: the worker's bytes up to the closing brace, then the usage. */
export class JsonAnswer implements Answer {
  readonly #response: ServerResponse;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isCommitted(): boolean {
    return this.#response.headersSent;
  }

  get deliveredBytes(): number {
    return this.#bytes;
  }

  keepWaiting(): void {}

  start(): void {}

  output(bytes: Uint8Array): boolean {
    this.#parts.push(toBuffer(bytes));
    this.#bytes += bytes.length;
    return true;
  }

  end({ usage, members }: AnswerEnd): void {
    const tail = Buffer.from(`,"usage":${usage}${members}}`).toString("latin1");
    const response = this.#response;
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", this.#bytes + tail.length);
    // As one Latin-1 text, which stands for its bytes, head and body leave in a single write.
    response.end(toBinaryText(this.#parts) + tail, "latin1");
  }

  fail(error: AppError, _identity: ChunkIdentity, members: string): void {
    sendError(this.#response, error, members);
  }

  abandon(): void {}
}

function toBinaryText(parts: readonly Buffer[]): string {
  return parts.map((part) => part.toString("latin1")).join("");
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
