/** A worst case set aside on a lease for one request. Settled exactly once. */
export interface Hold {
  /** Empty for a request that can cost nothing: no lease stands behind it. */
  readonly leaseId: string;
  /** Position of the request's usage event in the lease's sequence, from 1. */
  readonly leaseSeq: bigint;
  readonly amountNano: bigint;
}

/** What a free request is admitted on. */
export const freeHold: Hold = { leaseId: "", leaseSeq: 0n, amountNano: 0n };

export interface LeaseInit {
  readonly id: string;
  readonly grantedNano: bigint;
  /** Unix milliseconds by the ledger's clock. */
  readonly expiresAtMs: number;
  readonly nowMs: number;
  /** Made by Reserve for one request: the ledger closes it with that request's event. */
  readonly isSingle?: boolean;
}

/**
 * A slice of an account's credit that this gateway may admit against without asking.
 *
 * Invariant: held + spent ≤ granted, as long as no request costs more than its hold.
 */
export class Lease {
  readonly id: string;
  readonly grantedNano: bigint;
  readonly expiresAtMs: number;
  readonly isSingle: boolean;
  #heldNano = 0n;
  #spentNano = 0n;
  #lastSeq = 0n;
  #openHolds = 0;
  #isRetired = false;
  #lastUsedMs: number;

  constructor(init: LeaseInit) {
    this.id = init.id;
    this.grantedNano = init.grantedNano;
    this.expiresAtMs = init.expiresAtMs;
    this.isSingle = init.isSingle ?? false;
    this.#lastUsedMs = init.nowMs;
  }

  get availableNano(): bigint {
    return this.grantedNano - this.#heldNano - this.#spentNano;
  }

  get heldNano(): bigint {
    return this.#heldNano;
  }

  get spentNano(): bigint {
    return this.#spentNano;
  }

  get lastSeq(): bigint {
    return this.#lastSeq;
  }

  get openHolds(): number {
    return this.#openHolds;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  get lastUsedMs(): number {
    return this.#lastUsedMs;
  }

  /** No new holds from here on; open ones keep theirs. */
  retire(): void {
    this.#isRetired = true;
  }

  /** The caller has seen that `amountNano` is available. */
  hold(amountNano: bigint, nowMs: number): Hold {
    this.#heldNano += amountNano;
    this.#lastSeq += 1n;
    this.#openHolds += 1;
    this.#lastUsedMs = nowMs;
    return { leaseId: this.id, leaseSeq: this.#lastSeq, amountNano };
  }

  settle(hold: Hold, actualNano: bigint): void {
    this.#heldNano -= hold.amountNano;
    this.#spentNano += actualNano;
    this.#openHolds -= 1;
  }
}
