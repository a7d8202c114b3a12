/** Someone who waits for a slot. */
export interface SlotWaiter {
  /** The limit's own: the place in its queue, counted from its beginning. */
  slotTicket: number;
  /** The slot is theirs: they must `leave` it. Called synchronously from another's `leave`. */
  takeSlot(): void;
}

/** `taken`: go on. `waiting`: `takeSlot` will be called, or `forget` first. `full`: refused. */
export type Entry = "taken" | "waiting" | "full";

/** At most so many calls of one provider at one time, and so many that wait, first come first. */
export class ConcurrencyLimit {
  /** From `#first` on, which is no gap; those who gave up leave one. No `Set`: see `TransientMap` of the kit. */
  #queue: (SlotWaiter | undefined)[] = [];
  #first = 0;
  /** Ticket of the queue's entry 0. */
  #firstTicket = 0;
  #waiting = 0;
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
    return this.#waiting;
  }

  enter(waiter: SlotWaiter): Entry {
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      return "taken";
    }
    if (this.#waiting >= this.#waitersMax) {
      return "full";
    }
    waiter.slotTicket = this.#firstTicket + this.#queue.push(waiter) - 1;
    this.#waiting += 1;
    return "waiting";
  }

  /** Someone who waited gave up. */
  forget(waiter: SlotWaiter): void {
    const index = waiter.slotTicket - this.#firstTicket;
    if (this.#queue[index] === waiter) {
      this.#leaveQueue(index);
    }
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
      const next = this.#shift();
      if (next === undefined) {
        return;
      }
      this.#taken += 1;
      next.takeSlot();
    }
  }

  #shift(): SlotWaiter | undefined {
    const next = this.#queue[this.#first];
    if (next !== undefined) {
      this.#leaveQueue(this.#first);
    }
    return next;
  }

  #leaveQueue(index: number): void {
    this.#queue[index] = undefined;
    this.#waiting -= 1;
    // Those at the front have waited longest, and mostly leave first.
    while (this.#first < this.#queue.length && this.#queue[this.#first] === undefined) {
      this.#first += 1;
    }
    // Moving the rest costs no more than what has left since the last time.
    if (this.#first * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#first);
      this.#firstTicket += this.#first;
      this.#first = 0;
    }
  }
}
