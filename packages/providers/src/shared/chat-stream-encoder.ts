import { type ChatDelta, encodeChunkHead, type FinishReason } from "@fairlead/openai";
import type { Target } from "../provider.ts";

/**
 * Writes canonical deltas as the SSE text of the public chat stream. JSON is put together from
 * constant pieces: only the new text is serialised, which is most of the cost of an event.
 */
export class ChatStreamEncoder {
  readonly #target: Target;
  /** `data: {…,"created":N,` and, when known, the fingerprint. */
  #head: string;
  /** Head up to the value of the first choice's `delta.content`. */
  #textHead: string;
  /** Choices whose role is told. */
  readonly #opened = new Set<number>();

  constructor(target: Target) {
    this.#target = target;
    this.#head = this.#makeHead("");
    this.#textHead = this.#makeTextHead();
  }

  /** For all chunks from now on. */
  setFingerprint(fingerprint: string): void {
    this.#head = this.#makeHead(`"system_fingerprint":${JSON.stringify(fingerprint)},`);
    this.#textHead = this.#makeTextHead();
  }

  /** The hot path: text of the first choice and nothing else. */
  text(content: string): string {
    if (!this.#opened.has(0)) {
      return this.delta(0, { content });
    }
    return `${this.#textHead}${JSON.stringify(content)}${textTail}`;
  }

  delta(index: number, delta: ChatDelta, logprobs?: unknown): string {
    let body = JSON.stringify(delta);
    if (!this.#opened.has(index)) {
      this.#opened.add(index);
      const opening =
        delta.content === undefined ? '{"role":"assistant","content":"",' : '{"role":"assistant",';
      body = opening + body.slice(1);
    }
    const tail =
      logprobs === undefined || logprobs === null ? "null" : (JSON.stringify(logprobs) ?? "null");
    return (
      `${this.#head}"choices":[{"index":${index},"delta":${body},"finish_reason":null,` +
      `"native_finish_reason":null,"logprobs":${tail}}]}\n\n`
    );
  }

  /** Once for every choice. */
  finish(index: number, reason: FinishReason, native: string): string {
    const role = this.#opened.has(index) ? "" : '"role":"assistant",';
    this.#opened.add(index);
    return (
      `${this.#head}"choices":[{"index":${index},"delta":{${role}"content":""},` +
      `"finish_reason":"${reason}","native_finish_reason":${native === "" ? "null" : JSON.stringify(native)},` +
      `"logprobs":null}]}\n\n`
    );
  }

  #makeHead(extra: string): string {
    const { generationId, publicModel, providerName, created } = this.#target;
    const identity = { id: generationId, model: publicModel, provider: providerName, created };
    return `data: ${encodeChunkHead(identity)}${extra}`;
  }

  #makeTextHead(): string {
    return `${this.#head}"choices":[{"index":0,"delta":{"content":`;
  }
}

const textTail = '},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}\n\n';
