import type { ServerResponse } from "node:http";
import type { AppError } from "@fairlead/errors";
import type { Answer, AnswerEnd } from "./answer.ts";
import { sendError } from "./send-error.ts";

/** A whole JSON document: the worker's bytes up to the closing brace, then the usage. */
export class JsonAnswer implements Answer {
  readonly #response: ServerResponse;
  readonly #parts: Uint8Array[] = [];
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

  start(): void {}

  output(bytes: Uint8Array): boolean {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    return true;
  }

  end({ usage }: AnswerEnd): void {
    this.#parts.push(Buffer.from(`,"usage":${usage}}`));
    const body = Buffer.concat(this.#parts);
    const response = this.#response;
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", body.length);
    response.end(body);
  }

  fail(error: AppError): void {
    sendError(this.#response, error);
  }

  abandon(): void {}
}
