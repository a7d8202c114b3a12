/** Someone who waits for a slot. */
export interface SlotWaiter {
  /** The slot is theirs: they must `leave` it. Called synchronously from another's `leave`. */
  takeSlot(): void;
}

/** `taken`: go on. `waiting`: `takeSlot` will be called, or `forget` first. `full`: refused. */
export type Entry = "taken" | "waiting" | "full";

/** At most so many calls of one provider at one time, and so many that wait, first come first. */
export class ConcurrencyLimit {
  readonly #waiters = new Set<SlotWaiter>();
  readonly #waitersMax: number;
  #slots: number;
  #taken = 0;

  constructor(slots: number, waitersMax: number) {
    this.#slots = slots;
    this.#waitersMax = waitersMax;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  enter(waiter: SlotWaiter): Entry {
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      return "taken";
    }
    if (this.#waiters.size >= this.#waitersMax) {
      return "full";
    }
    this.#waiters.add(waiter);
    return "waiting";
  }

  /** Someone who waited gave up. */
  forget(waiter: SlotWaiter): void {
    this.#waiters.delete(waiter);
  }

  leave(): void {
    this.#taken -= 1;
    this.#admit();
  }

  /** The operator changed the limit; calls above a lower one finish. */
  resize(slots: number): void {
    this.#slots = slots;
    this.#admit();
  }

  #admit(): void {
    while (this.#taken < this.#slots) {
      const [next] = this.#waiters;
      if (next === undefined) {
        return;
      }
      this.#waiters.delete(next);
      this.#taken += 1;
      next.takeSlot();
    }
  }
}
