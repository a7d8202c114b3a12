import { Buffer } from "node:buffer";

export interface SseLimits {
  /** Longest line, in UTF-16 units. */
  readonly lineMax: number;
  /** Longest event's data, in UTF-16 units. */
  readonly eventMax: number;
}

/** An inline image of some megabytes in one event is real; more is an attack or a fault. */
export const defaultSseLimits: SseLimits = {
  lineMax: 32 * 1024 * 1024,
  eventMax: 32 * 1024 * 1024,
};

/** `name` is "" when the event has none. */
export type SseEventHandler = (data: string, name: string) => void;

export type SseFault = "line_too_long" | "event_too_long";

const lineFeed = 10;
const colon = 58;
const space = 32;

/**
 * Incremental parser of `text/event-stream` (WHATWG HTML, 9.2.6). Bytes may be split anywhere.
 * Events are handed over synchronously, during `push`. `id` and `retry` are ignored, for nobody
 * reconnects to an answer. Once a limit is passed the fault stays and further bytes are ignored.
 */
export class SseParser {
  readonly #onEvent: SseEventHandler;
  readonly #limits: SseLimits;
  /** Bytes of a character that the last chunk cut. */
  #cutCharacter: Buffer | undefined;
  /** Text of a line that has not ended, in pieces, so that tiny chunks cost linear time. */
  #pieces: string[] = [];
  #piecesLength = 0;
  #isFirst = true;
  /** The last line ended in CR at a chunk's end: a LF that follows belongs to it. */
  #skipLineFeed = false;
  #data: string | undefined;
  #name = "";
  #fault: SseFault | undefined;

  constructor(onEvent: SseEventHandler, limits: SseLimits = defaultSseLimits) {
    this.#onEvent = onEvent;
    this.#limits = limits;
  }

  get fault(): SseFault | undefined {
    return this.#fault;
  }

  /** Returns the fault, if there is one. */
  push(chunk: Uint8Array): SseFault | undefined {
    if (this.#fault === undefined && chunk.length > 0) {
      this.#pushText(this.#decode(chunk));
    }
    return this.#fault;
  }

  /** The stream closed: an event that lacks only its blank line still counts. */
  end(): SseFault | undefined {
    if (this.#fault === undefined) {
      if (this.#piecesLength > 0) {
        this.#line(this.#takeRest(""));
      }
      this.#dispatch();
    }
    return this.#fault;
  }

  #decode(chunk: Uint8Array): string {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#cutCharacter !== undefined) {
      bytes = Buffer.concat([this.#cutCharacter, bytes]);
      this.#cutCharacter = undefined;
    }
    const complete = completeLength(bytes);
    if (complete < bytes.length) {
      this.#cutCharacter = Buffer.from(bytes.subarray(complete));
    }
    return bytes.toString("utf8", 0, complete);
  }

  #pushText(decoded: string): void {
    let text = decoded;
    if (text === "") {
      return;
    }
    if (this.#isFirst) {
      this.#isFirst = false;
      if (text.charCodeAt(0) === 0xfeff) {
        text = text.slice(1);
      }
    }
    let start = 0;
    if (this.#skipLineFeed && text !== "") {
      this.#skipLineFeed = false;
      start = text.charCodeAt(0) === lineFeed ? 1 : 0;
    }
    if (text.indexOf("\r", start) === -1) {
      this.#splitByLineFeed(text, start);
    } else {
      this.#splitByAny(text, start);
    }
  }

  #splitByLineFeed(text: string, from: number): void {
    let start = from;
    let end = text.indexOf("\n", start);
    while (end !== -1) {
      this.#line(this.#takeRest(text.slice(start, end)));
      start = end + 1;
      end = text.indexOf("\n", start);
    }
    this.#keepRest(text.slice(start));
  }

  #splitByAny(text: string, from: number): void {
    let start = from;
    for (let index = from; index < text.length; index += 1) {
      const character = text.charCodeAt(index);
      if (character !== lineFeed && character !== 13) {
        continue;
      }
      this.#line(this.#takeRest(text.slice(start, index)));
      if (character === 13) {
        if (index + 1 === text.length) {
          this.#skipLineFeed = true;
        } else if (text.charCodeAt(index + 1) === lineFeed) {
          index += 1;
        }
      }
      start = index + 1;
    }
    this.#keepRest(text.slice(start));
  }

  #keepRest(rest: string): void {
    if (rest !== "") {
      this.#pieces.push(rest);
      this.#piecesLength += rest.length;
      if (this.#piecesLength > this.#limits.lineMax) {
        this.#fault ??= "line_too_long";
        this.#pieces = [];
      }
    }
  }

  #takeRest(tail: string): string {
    if (this.#piecesLength === 0) {
      return tail;
    }
    const line = this.#pieces.join("") + tail;
    this.#pieces = [];
    this.#piecesLength = 0;
    return line;
  }

  #line(line: string): void {
    if (this.#fault !== undefined) {
      return;
    }
    if (line.length > this.#limits.lineMax) {
      this.#fault = "line_too_long";
    } else if (line === "") {
      this.#dispatch();
    } else if (line.startsWith("data:")) {
      this.#addData(line.slice(line.charCodeAt(5) === space ? 6 : 5));
    } else if (line.charCodeAt(0) !== colon) {
      this.#field(line);
    }
  }

  #field(line: string): void {
    if (line === "data") {
      this.#addData("");
    } else if (line === "event") {
      this.#name = "";
    } else if (line.startsWith("event:")) {
      this.#name = line.slice(line.charCodeAt(6) === space ? 7 : 6);
    }
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > this.#limits.eventMax) {
      this.#fault = "event_too_long";
      this.#data = undefined;
    }
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = undefined;
    this.#name = "";
    if (data !== undefined) {
      this.#onEvent(data, name);
    }
  }
}

/** Length without a character that is cut at the end. Invalid bytes count as they stand. */
function completeLength(bytes: Buffer): number {
  const { length } = bytes;
  for (let back = 1; back <= 3 && back <= length; back += 1) {
    const byte = bytes[length - back] ?? 0;
    if (byte < 0x80) {
      return length;
    }
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? length - back : length;
    }
  }
  return length;
}
