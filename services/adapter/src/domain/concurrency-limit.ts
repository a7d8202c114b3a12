/** A place in the queue, empty once its holder has left it. */
interface SlotTicket {
  waiter: SlotWaiter | undefined;
}

/** Someone who waits for a slot. */
export interface SlotWaiter {
  /** The limit's own: the last place that it gave. */
  slotTicket: SlotTicket | undefined;
  /** The slot is theirs: they must `leave` it. Called synchronously from another's `leave`. */
  takeSlot(): void;
}

/** `taken`: go on. `waiting`: `takeSlot` will be called, or `forget` first. `full`: refused. */
export type Entry = "taken" | "waiting" | "full";

/** At most so many calls of one provider at one time, and so many that wait, first come first. */
export class ConcurrencyLimit {
  /** Tickets and not those who hold them: a `Set` keeps what has left it (`TransientMap` of kit). */
  readonly #queue = new Set<SlotTicket>();
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
    return this.#queue.size;
  }

  enter(waiter: SlotWaiter): Entry {
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      return "taken";
    }
    if (this.#queue.size >= this.#waitersMax) {
      return "full";
    }
    waiter.slotTicket = { waiter };
    this.#queue.add(waiter.slotTicket);
    return "waiting";
  }

  /** Someone who waited gave up. */
  forget(waiter: SlotWaiter): void {
    if (waiter.slotTicket !== undefined) {
      this.#leaveQueue(waiter.slotTicket);
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
      const [ticket] = this.#queue;
      const next = ticket?.waiter;
      if (ticket === undefined || next === undefined) {
        return;
      }
      this.#leaveQueue(ticket);
      this.#taken += 1;
      next.takeSlot();
    }
  }

  #leaveQueue(ticket: SlotTicket): void {
    ticket.waiter = undefined;
    this.#queue.delete(ticket);
  }
}
