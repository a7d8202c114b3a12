import type { ServerResponse } from "node:http";

export interface BodyLimits {
  /** The connection ends after this many bytes of the body, wherever that is. */
  readonly cutAtByte: number | undefined;
  /** Largest number of bytes in one socket write; 0 has no limit. */
  readonly sliceBytes: number;
}

/**
 * Writes a chunked body with its own framing: chunks of one tick leave as one write, and a body can
 * be cut at any byte, inside a character or inside a chunk.
 */
export class BodyWriter {
  readonly #response: ServerResponse;
  readonly #limits: BodyLimits;
  #pending = "";
  #bytesWritten = 0;
  #slices: Buffer[] = [];
  #isSlicing = false;
  #isEnding = false;
  #isCut = false;
  readonly #onCut: () => void;

  constructor(response: ServerResponse, limits: BodyLimits, onCut: () => void) {
    this.#response = response;
    this.#limits = limits;
    this.#onCut = onCut;
  }

  writeHead(headers: string[]): void {
    headers.push("transfer-encoding", "chunked");
    this.#response.writeHead(200, headers);
    // The frames written below already carry their sizes; node must not add its own.
    this.#response.chunkedEncoding = false;
  }

  /** Sends the head at once, before there is a body. */
  flushHead(): void {
    this.#response.flushHeaders();
  }

  chunk(text: string): void {
    if (text === "" || this.#response.destroyed) {
      return;
    }
    const { cutAtByte, sliceBytes } = this.#limits;
    if (cutAtByte === undefined && sliceBytes === 0) {
      this.#pending += `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
      return;
    }
    const bytes = Buffer.from(text);
    if (cutAtByte !== undefined && this.#bytesWritten + bytes.length > cutAtByte) {
      this.#cut(bytes, cutAtByte - this.#bytesWritten);
      return;
    }
    this.#bytesWritten += bytes.length;
    if (sliceBytes === 0) {
      this.#pending += `${bytes.length.toString(16)}\r\n${text}\r\n`;
      return;
    }
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      this.#slices.push(frameChunk(bytes.subarray(start, start + sliceBytes)));
    }
    this.#writeSlices();
  }

  /** Hands what is pending to the socket; false when it is full. */
  flush(): boolean {
    if (this.#pending === "") {
      return true;
    }
    const text = this.#pending;
    this.#pending = "";
    return this.#response.write(text);
  }

  end(): void {
    if (this.#slices.length > 0) {
      this.#isEnding = true;
      return;
    }
    const text = this.#pending;
    this.#pending = "";
    this.#response.end(`${text}0\r\n\r\n`);
  }

  #cut(bytes: Buffer, length: number): void {
    this.flush();
    const size = `${bytes.length.toString(16)}\r\n`;
    // Behind the slices that are still to leave: a cut takes what comes after it, nothing before.
    this.#slices.push(Buffer.concat([Buffer.from(size), bytes.subarray(0, length)]));
    this.#isCut = true;
    this.#onCut();
    this.#writeSlices();
  }

  #writeSlices(): void {
    if (this.#isSlicing) {
      return;
    }
    this.#isSlicing = true;
    // One slice a turn of the loop, so that each leaves in a packet of its own.
    const next = (): void => {
      const slice = this.#slices.shift();
      if (slice === undefined || this.#response.destroyed) {
        this.#isSlicing = false;
        if (this.#isCut) {
          this.#response.socket?.destroySoon();
        } else if (this.#isEnding) {
          this.#response.end("0\r\n\r\n");
        }
        return;
      }
      this.#response.write(slice);
      setImmediate(next);
    };
    next();
  }
}

function frameChunk(bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
}
