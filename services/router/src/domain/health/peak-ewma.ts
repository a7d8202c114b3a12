/**
 * A moving average that jumps up to a peak at once and comes down slowly (peak EWMA): a slow
 * endpoint is seen at its first slow answer, and trusted again only after several quick ones.
 */
export class PeakEwma {
  readonly #decayMs: number;
  #value: number | undefined;
  #atMs = 0;

  constructor(decayMs: number) {
    this.#decayMs = decayMs;
  }

  add(value: number, nowMs: number): void {
    if (this.#value === undefined || value > this.#value) {
      this.#value = value;
    } else {
      const weight = Math.exp(-Math.max(0, nowMs - this.#atMs) / this.#decayMs);
      this.#value = this.#value * weight + value * (1 - weight);
    }
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  get value(): number | undefined {
    return this.#value;
  }

  get atMs(): number {
    return this.#atMs;
  }
}
