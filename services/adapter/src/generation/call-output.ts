import type { GenerateCall } from "./generation-messages.ts";

/** Well below a call's window, so that its reader's credit is what paces an answer of megabytes. */
const PIECE_BYTES_MAX = 128 * 1024;

/** The bytes of one call on their way out: what its reader has no room for yet waits here. */
export class CallOutput {
  readonly #call: GenerateCall;
  #waiting: Buffer | undefined;
  #isBlocked = false;

  constructor(call: GenerateCall) {
    this.#call = call;
  }

  /** Nothing waits here. */
  get isEmpty(): boolean {
    return this.#waiting === undefined;
  }

  /** False when the next bytes ought to wait until `resume` returned true. */
  write(text: string): boolean {
    const bytes = Buffer.from(text);
    this.#waiting = this.#waiting === undefined ? bytes : Buffer.concat([this.#waiting, bytes]);
    return this.#isBlocked ? false : this.#send();
  }

  /** To be called when the call can take more. */
  resume(): boolean {
    this.#isBlocked = false;
    return this.#send();
  }

  #send(): boolean {
    let rest = this.#waiting;
    while (rest !== undefined && !this.#isBlocked) {
      const piece = rest.length > PIECE_BYTES_MAX ? rest.subarray(0, PIECE_BYTES_MAX) : rest;
      rest = piece === rest ? undefined : rest.subarray(piece.length);
      this.#isBlocked = !this.#call.send(piece);
    }
    this.#waiting = rest;
    return !this.#isBlocked;
  }
}
