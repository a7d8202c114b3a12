import { freeHold, type Hold } from "./lease.ts";
import { LeaseCloser } from "./lease-closer.ts";
import { defaultLeaseLimits, type LeaseLimits } from "./lease-limits.ts";
import type { LeaseSource } from "./lease-source.ts";
import { type HoldRefusal, type HoldRequest, Wallet } from "./wallet.ts";

export interface LeaseBookOptions {
  readonly source: LeaseSource;
  readonly limits?: LeaseLimits;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface LeaseTotals {
  readonly leases: number;
  readonly holds: number;
  readonly heldNano: bigint;
  readonly availableNano: bigint;
  /** Leases that the ledger has not yet taken back. */
  readonly closing: number;
}

/** Whose credit a request is held on. */
export interface Payer {
  readonly accountId: string;
  readonly keyId: string;
}

/**
 * All the credit that this gateway may admit against, by key. A hold is one step within one tick
 * and needs no network while a lease lasts. Every hold is settled exactly once, and its event
 * carries the lease and the sequence number of the hold: the ledger sees every gap.
 */
export class LeaseBook {
  readonly #source: LeaseSource;
  readonly #limits: LeaseLimits;
  readonly #now: () => number;
  readonly #wallets = new Map<string, Wallet>();
  readonly #closer: LeaseCloser;
  #grantSeq = 0n;

  constructor(options: LeaseBookOptions) {
    this.#source = options.source;
    this.#closer = new LeaseCloser(options.source);
    this.#limits = options.limits ?? defaultLeaseLimits;
    this.#now = options.now;
  }

  /** The whole amount, at once and without asking anyone; undefined where that cannot be. */
  tryHold(payer: Payer, amountNano: bigint): Hold | undefined {
    return amountNano === 0n ? freeHold : this.#wallets.get(payer.keyId)?.tryHold(amountNano);
  }

  /** Between need and want, asking the ledger where needed. Throws when it cannot be reached. */
  async hold(payer: Payer, request: HoldRequest): Promise<Hold | HoldRefusal> {
    return this.tryHold(payer, request.wantNano) ?? this.#wallet(payer).hold(request);
  }

  settle(payer: Payer, hold: Hold, actualNano: bigint): void {
    if (hold.leaseId !== "") {
      this.#wallet(payer).settle(hold, actualNano);
    }
  }

  /** The ledger wants credit back: nothing more is admitted on these leases. */
  recall(leaseIds: readonly string[], accountId: string): void {
    for (const wallet of this.#wallets.values()) {
      if (leaseIds.length > 0) {
        for (const leaseId of leaseIds) {
          wallet.retire(leaseId);
        }
      } else if (wallet.accountId === accountId) {
        wallet.retire(undefined);
      }
    }
  }

  /** To be called about once a second. */
  sweep(): void {
    const nowMs = this.#now();
    for (const wallet of this.#wallets.values()) {
      wallet.sweep(nowMs);
      if (wallet.isEmpty) {
        this.#wallets.delete(wallet.keyId);
      }
    }
    void this.#closer.retry();
  }

  /** Gives everything back that nobody holds on; resolves when the ledger has answered. */
  async closeAll(): Promise<void> {
    for (const wallet of this.#wallets.values()) {
      wallet.retire(undefined);
    }
    await this.#closer.retry();
  }

  totals(): LeaseTotals {
    const totals = { leases: 0, holds: 0, heldNano: 0n, availableNano: 0n };
    for (const wallet of this.#wallets.values()) {
      for (const lease of wallet.leases) {
        totals.leases += 1;
        totals.holds += lease.openHolds;
        totals.heldNano += lease.heldNano;
        totals.availableNano += lease.availableNano;
      }
    }
    return { ...totals, closing: this.#closer.size };
  }

  #wallet(payer: Payer): Wallet {
    let wallet = this.#wallets.get(payer.keyId);
    if (wallet === undefined) {
      wallet = new Wallet({
        ...payer,
        source: this.#source,
        limits: this.#limits,
        now: this.#now,
        nextGrantSeq: () => {
          this.#grantSeq += 1n;
          return this.#grantSeq;
        },
        release: (lease) => this.#closer.close(lease),
      });
      this.#wallets.set(payer.keyId, wallet);
    }
    return wallet;
  }
}
