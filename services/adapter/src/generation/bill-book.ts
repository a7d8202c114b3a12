import { TransientMap } from "@fairlead/kit";
import type { BillFacts } from "../domain/complete-bill.ts";

/** What is kept of a generation until its bill is known to be safe. */
export interface OpenBill {
  /** Which of the generation's attempts it is of, from 1. */
  readonly attempt: number;
  readonly template: Uint8Array;
  readonly facts: BillFacts;
  readonly settledAtMs: number;
}

export interface BillBookOptions {
  /** Takes over a bill that the gateway did not acknowledge. Must not throw. */
  readonly claim: (bill: OpenBill) => void;
  readonly now: () => number;
  /**
   * A gateway acknowledges within a fraction of a second. One that is silent for this long is
   * gone or cannot reach the bus; a second bill of the same generation does no harm.
   */
  readonly graceMs: number;
  readonly billsMax: number;
}

/**
 * Bills of generations that ended but that no gateway has acknowledged yet. What stays too long,
 * or does not fit any more, this worker bills itself.
 */
export class BillBook {
  readonly #options: BillBookOptions;
  readonly #open = new TransientMap<string, OpenBill>();

  constructor(options: BillBookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * The gateway bills it and acknowledges; one that lost its link lives on and bills it its own
   * way, which has to be the first. Only a gateway that is gone leaves the bill to us.
   */
  settle(generationId: string, attempt: number, template: Uint8Array, facts: BillFacts): void {
    this.#open.set(generationId, { attempt, template, facts, settledAtMs: this.#options.now() });
    if (this.#open.size > this.#options.billsMax) {
      const [oldest] = this.#open.keys();
      if (oldest !== undefined) {
        this.#claim(oldest);
      }
    }
  }

  acknowledge(generationIds: readonly string[]): void {
    for (const id of generationIds) {
      this.#open.delete(id);
    }
  }

  /** Another attempt is billed, which may be on this worker as well. */
  disown(generationId: string, attempt: number): void {
    if (this.#open.get(generationId)?.attempt === attempt) {
      this.#open.delete(generationId);
    }
  }

  /** Claims what has waited too long; bills stand in the order of their time. */
  sweep(): void {
    const dueMs = this.#options.now() - this.#options.graceMs;
    for (const id of this.#open.keys()) {
      const bill = this.#open.get(id);
      if (bill === undefined || bill.settledAtMs > dueMs) {
        return;
      }
      this.#claim(id);
    }
  }

  /** The process ends: nobody will be here to hear an acknowledgement. */
  claimAll(): void {
    for (const id of this.#open.keys()) {
      this.#claim(id);
    }
  }

  #claim(generationId: string): void {
    const bill = this.#open.get(generationId);
    if (bill !== undefined) {
      this.#open.delete(generationId);
      this.#options.claim(bill);
    }
  }
}
