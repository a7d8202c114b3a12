import { StringDecoder } from "node:string_decoder";

/** Longer lines are cut: a process may print anything. */
const LINE_LENGTH_MAX = 64 * 1024;

/** Cuts a stream of bytes into lines. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, LINE_LENGTH_MAX);
    for (const line of lines) {
      this.#onLine(line.slice(0, LINE_LENGTH_MAX));
    }
  }
}
