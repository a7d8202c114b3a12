/** Successes and failures in slots of time, for uptime over exact windows. Bounded memory. */
export class OutcomeWindow {
  readonly #slotMs: number;
  readonly #successes: Uint32Array;
  readonly #failures: Uint32Array;
  /** Number of the slot of time that each position holds. */
  readonly #numbers: Float64Array;

  constructor(slotMs: number, slots: number) {
    this.#slotMs = slotMs;
    this.#successes = new Uint32Array(slots);
    this.#failures = new Uint32Array(slots);
    this.#numbers = new Float64Array(slots).fill(-1);
  }

  add(isSuccess: boolean, atMs: number): void {
    const number = Math.floor(atMs / this.#slotMs);
    const position = number % this.#numbers.length;
    const held = this.#numbers[position] ?? -1;
    if (held > number) {
      return;
    }
    if (held < number) {
      this.#numbers[position] = number;
      this.#successes[position] = 0;
      this.#failures[position] = 0;
    }
    const counts = isSuccess ? this.#successes : this.#failures;
    counts[position] = (counts[position] ?? 0) + 1;
  }

  /** Over the last `windowMs`, in whole slots. */
  sum(windowMs: number, nowMs: number): { readonly successes: number; readonly attempts: number } {
    const newest = Math.floor(nowMs / this.#slotMs);
    const oldest = newest - Math.round(windowMs / this.#slotMs) + 1;
    let successes = 0;
    let attempts = 0;
    for (let position = 0; position < this.#numbers.length; position += 1) {
      const number = this.#numbers[position] ?? -1;
      if (number >= oldest && number <= newest) {
        successes += this.#successes[position] ?? 0;
        attempts += (this.#successes[position] ?? 0) + (this.#failures[position] ?? 0);
      }
    }
    return { successes, attempts };
  }
}
