import { connect } from "node:net";

export interface RawAnswer {
  /** Everything that came over the wire. */
  readonly bytes: Buffer;
  readonly text: string;
  readonly head: string;
  /** The body without its chunk framing, as far as it came. */
  readonly body: Buffer;
  /** `last chunk` or `length` when the answer was whole, else how the connection ended. */
  readonly end: "whole" | "closed" | "reset" | "timeout";
}

/** When to hang up on what has no end of its own. */
export interface Patience {
  /** Waits for so many events first, however long they take. */
  readonly events: number;
  /** And then so long for what ought not to come. */
  readonly silenceMs: number;
}

const TIMEOUT_MS = 20_000;

/** Sends one OpenAI request over a plain socket and takes down what comes, whole or not. */
export function sendRaw(url: string, body: object, patience?: Patience): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify({ messages: [{ role: "user", content: "hi" }], ...body });
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    const finish = (end: RawAnswer["end"]): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(describe(Buffer.concat(received), end));
    };
    let timer = setTimeout(() => finish("timeout"), TIMEOUT_MS);
    let isSilent = false;
    const awaitSilence = (events: number): void => {
      if (patience !== undefined && !isSilent && events >= patience.events) {
        isSilent = true;
        clearTimeout(timer);
        timer = setTimeout(() => finish("timeout"), patience.silenceMs);
      }
    };
    socket.on("connect", () => awaitSilence(0));
    socket.on("error", () => finish("reset"));
    socket.on("end", () => finish("closed"));
    socket.on("data", (bytes) => {
      received.push(bytes);
      const text = Buffer.concat(received).toString("latin1");
      awaitSilence(text.split("\ndata: ").length - 1);
      if (isWhole(text)) {
        finish("whole");
      }
    });
    socket.write(
      "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: simulator\r\nauthorization: Bearer k\r\n" +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  });
}

/** The `data:` of each event, in order. */
export function readEvents(answer: RawAnswer): string[] {
  return answer.body
    .toString()
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => frame.slice("data: ".length));
}

/** The text of all deltas that are whole JSON. */
export function joinContent(answer: RawAnswer): string {
  return [...answer.body.toString().matchAll(/"content":("(?:[^"\\]|\\.)*")/g)]
    .map(([, json]) => JSON.parse(json ?? '""'))
    .join("");
}

function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) {
    return false;
  }
  const length = /content-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  return length === undefined
    ? text.endsWith("0\r\n\r\n")
    : text.length - headEnd - 4 >= Number(length);
}

function describe(bytes: Buffer, end: RawAnswer["end"]): RawAnswer {
  const text = bytes.toString();
  const headEnd = bytes.indexOf("\r\n\r\n");
  const head = headEnd === -1 ? text : bytes.subarray(0, headEnd).toString();
  const rest = headEnd === -1 ? Buffer.alloc(0) : bytes.subarray(headEnd + 4);
  const body = /transfer-encoding: chunked/i.test(head) ? joinChunks(rest) : rest;
  return { bytes, text, head, body, end };
}

function joinChunks(framed: Buffer): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  while (position < framed.length) {
    const lineEnd = framed.indexOf("\r\n", position);
    const size = Number.parseInt(framed.subarray(position, lineEnd).toString(), 16);
    if (lineEnd === -1 || size === 0) {
      break;
    }
    parts.push(framed.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
