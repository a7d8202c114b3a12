/** Gathers a response body up to a limit. */
export class BodyCollector {
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #isOverflown = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** More came than the limit; what is beyond it was dropped. */
  get isOverflown(): boolean {
    return this.#isOverflown;
  }

  push(chunk: Buffer): void {
    const room = this.#bytesMax - this.#length;
    const taken = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#isOverflown ||= taken.length < chunk.length;
    if (taken.length > 0) {
      this.#chunks.push(taken);
      this.#length += taken.length;
    }
  }

  toString(): string {
    const [only] = this.#chunks;
    const bytes =
      only !== undefined && this.#chunks.length === 1
        ? only
        : Buffer.concat(this.#chunks, this.#length);
    return bytes.toString("utf8");
  }
}
