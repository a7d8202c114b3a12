const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const NEWLINE = 10;
const LENGTH = /content-length: *(\d+)/i;
/** A delta or a message with at least one character of content. */
const CONTENT = /"content":"[^"]/;
const FAILURE_CHARACTERS_MAX = 500;

/**
 * Reads as little of an answer as will do: its status, where it ends, and how many events it has.
 * Chunks are not taken apart: the body of JSON and SSE never ends a read with the last chunk's
 * bytes unless it is the last chunk.
 */
export class AnswerReader {
  status = 0;
  events = 0;
  hasContent = false;
  failure = "";
  #head = "";
  #isHeadRead = false;
  #isChunked = false;
  #bytesLeft = 0;
  #tail: Buffer = Buffer.alloc(0);
  #isAfterNewline = false;

  begin(): void {
    this.status = 0;
    this.events = 0;
    this.hasContent = false;
    this.failure = "";
    this.#head = "";
    this.#isHeadRead = false;
    this.#isAfterNewline = false;
    this.#tail = Buffer.alloc(0);
  }

  /** Takes what was read; true when the answer is complete. */
  read(bytes: Buffer): boolean {
    if (this.#isHeadRead) {
      return this.#readBody(bytes);
    }
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) {
      return false;
    }
    const bodyStart = end + HEAD_END.length;
    const bodyLength = this.#head.length - bodyStart;
    const head = this.#head.slice(0, end);
    this.#head = "";
    this.#isHeadRead = true;
    this.status = Number(head.slice(9, 12));
    const length = LENGTH.exec(head);
    this.#isChunked = length === null;
    this.#bytesLeft = Number(length?.[1] ?? 0);
    return bodyLength === 0
      ? !this.#isChunked && this.#bytesLeft === 0
      : this.#readBody(bytes.subarray(bytes.length - bodyLength));
  }

  #readBody(bytes: Buffer): boolean {
    if (!this.hasContent) {
      const text = bytes.toString("latin1");
      this.hasContent = CONTENT.test(text);
      if (this.status !== 200) {
        this.failure = (this.failure + text).slice(0, FAILURE_CHARACTERS_MAX);
      }
    }
    if (!this.#isChunked) {
      this.#bytesLeft -= bytes.length;
      return this.#bytesLeft <= 0;
    }
    this.#countEvents(bytes);
    return this.#endsWithLastChunk(bytes);
  }

  /** Every event ends with an empty line; the two newlines may come in two reads. */
  #countEvents(bytes: Buffer): void {
    if (this.#isAfterNewline && bytes[0] === NEWLINE) {
      this.events += 1;
    }
    let position = bytes.indexOf("\n\n");
    while (position !== -1) {
      this.events += 1;
      position = bytes.indexOf("\n\n", position + 2);
    }
    this.#isAfterNewline = bytes.at(-1) === NEWLINE && bytes.at(-2) !== NEWLINE;
  }

  #endsWithLastChunk(bytes: Buffer): boolean {
    const size = LAST_CHUNK.length;
    if (bytes.length >= size) {
      this.#tail = bytes.subarray(bytes.length - size);
    } else {
      this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-size);
    }
    return this.#tail.equals(LAST_CHUNK);
  }
}
