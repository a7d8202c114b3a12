import { Denial } from "@fairlead/proto/ledger/v1/ledger";
import { greater, lesser } from "./bigints.ts";
import { type Hold, Lease } from "./lease.ts";
import type { LeaseLimits } from "./lease-limits.ts";
import type { LeaseGrant, LeaseSource } from "./lease-source.ts";

/** What a request asks for: the worst case, and the least that is still useful. nano-USD. */
export interface HoldRequest {
  readonly generationId: string;
  readonly wantNano: bigint;
  readonly needNano: bigint;
}

/** The account or the key cannot pay. */
export interface HoldRefusal {
  readonly denial: Denial;
  /** What could be held at most right now. */
  readonly availableNano: bigint;
}

export interface WalletOptions {
  readonly accountId: string;
  readonly keyId: string;
  readonly source: LeaseSource;
  readonly limits: LeaseLimits;
  readonly now: () => number;
  /** Numbers of the gateway's grants, from 1, over all wallets. */
  readonly nextGrantSeq: () => bigint;
  /** Takes a lease that nobody holds on any more: it is to be closed with the ledger. */
  readonly release: (lease: Lease) => Promise<void>;
}

interface PendingGrant {
  readonly seq: bigint;
  readonly needNano: bigint;
  readonly wantNano: bigint;
}

/** How often a request may be overtaken by others between a grant and its own hold. */
const ROUNDS_MAX = 4;

/** The leases of one key, newest last, and how more are had. */
export class Wallet {
  readonly accountId: string;
  readonly keyId: string;
  readonly #options: WalletOptions;
  readonly #leases: Lease[] = [];
  /** Leases by id, those that only wait for their last settlement included. */
  readonly #byId = new Map<string, Lease>();
  #refill: Promise<LeaseGrant> | undefined;
  /**
   * A grant whose answer was lost: asked again under its number, so that it is not granted twice.
   */
  #unanswered: PendingGrant | undefined;
  #strictUntilMs = 0;
  #nextRefillAheadMs = 0;
  #lastGrantMs = 0;
  #lastGrantedNano = 0n;
  #waitingNano = 0n;

  constructor(options: WalletOptions) {
    this.accountId = options.accountId;
    this.keyId = options.keyId;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#byId.size === 0 && this.#refill === undefined && this.#waitingNano === 0n;
  }

  get leases(): Iterable<Lease> {
    return this.#byId.values();
  }

  /** Admits within this tick, or not at all. */
  tryHold(amountNano: bigint): Hold | undefined {
    const nowMs = this.#options.now();
    const lease = this.#findLease(amountNano, nowMs);
    if (lease === undefined) {
      return undefined;
    }
    const hold = lease.hold(amountNano, nowMs);
    this.#refillAhead(amountNano, nowMs);
    return hold;
  }

  /** Throws what the source throws when the ledger cannot be reached and no lease is enough. */
  async hold(request: HoldRequest): Promise<Hold | HoldRefusal> {
    this.#waitingNano += request.wantNano;
    try {
      return await this.#acquire(request);
    } finally {
      this.#waitingNano -= request.wantNano;
    }
  }

  settle(hold: Hold, actualNano: bigint): void {
    const lease = this.#byId.get(hold.leaseId);
    if (lease === undefined) {
      throw new Error("a hold was settled on a lease that is gone");
    }
    lease.settle(hold, actualNano);
    if (lease.openHolds === 0 && (lease.isRetired || lease.isSingle)) {
      void this.#drop(lease);
    }
  }

  retire(leaseId: string | undefined): void {
    for (const lease of [...this.#byId.values()]) {
      if (leaseId === undefined || lease.id === leaseId) {
        void this.#retire(lease);
      }
    }
  }

  /** Gives back what is idle, about to expire, or too small beside a newer one. */
  sweep(nowMs: number): void {
    const { idleMs, skewMs } = this.#options.limits;
    for (const lease of [...this.#leases]) {
      const isOver = nowMs >= lease.expiresAtMs - skewMs;
      const isIdle = lease.openHolds === 0 && nowMs - lease.lastUsedMs >= idleMs;
      if (isOver || isIdle) {
        void this.#retire(lease);
      }
    }
  }

  async #acquire(request: HoldRequest): Promise<Hold | HoldRefusal> {
    let refusal: HoldRefusal | undefined;
    for (let round = 0; round < ROUNDS_MAX && !this.#isStrict(); round += 1) {
      const grant = await this.#grantOrFallBack(request);
      if ("leaseSeq" in grant) {
        return grant;
      }
      const hold = this.tryHold(request.wantNano);
      if (hold !== undefined) {
        return hold;
      }
      // An empty answer may have been to another's larger request; then ours is asked anew.
      if (grant.leaseId === "" && grant.availableNano < request.wantNano) {
        const { denial, availableNano } = grant;
        refusal = availableNano < request.needNano ? { denial, availableNano } : undefined;
        break;
      }
    }
    const isReturned = await this.#returnIdleLeases();
    if (refusal !== undefined && refusal.denial !== Denial.UNSPECIFIED && !isReturned) {
      return this.#holdPart(request) ?? refusal;
    }
    return this.#reserve(request);
  }

  /** With the ledger out of reach, what is at hand serves as long as it lasts. */
  async #grantOrFallBack(request: HoldRequest): Promise<LeaseGrant | Hold> {
    try {
      return await this.#askForMore(request);
    } catch (error) {
      const hold = this.tryHold(request.wantNano) ?? this.#holdPart(request);
      if (hold === undefined) {
        throw error;
      }
      return hold;
    }
  }

  async #reserve(request: HoldRequest): Promise<Hold | HoldRefusal> {
    const { accountId, keyId } = this;
    const reservation = await this.#options.source.reserve({ accountId, keyId, ...request });
    if (reservation.leaseId === "" || reservation.grantedNano < request.needNano) {
      const { denial, availableNano } = reservation;
      return this.#holdPart(request) ?? { denial, availableNano };
    }
    const nowMs = this.#options.now();
    const lease = new Lease({
      id: reservation.leaseId,
      grantedNano: reservation.grantedNano,
      expiresAtMs: Number.POSITIVE_INFINITY,
      nowMs,
      isSingle: true,
    });
    this.#byId.set(lease.id, lease);
    return lease.hold(reservation.grantedNano, nowMs);
  }

  /** Less than the worst case but at least what is useful, from the fullest lease. */
  #holdPart(request: HoldRequest): Hold | undefined {
    const nowMs = this.#options.now();
    const lease = this.#findLease(request.needNano, nowMs);
    if (lease === undefined) {
      return undefined;
    }
    return lease.hold(lesser(lease.availableNano, request.wantNano), nowMs);
  }

  #findLease(amountNano: bigint, nowMs: number): Lease | undefined {
    const usableUntilMs = nowMs + this.#options.limits.skewMs;
    for (let index = this.#leases.length - 1; index >= 0; index -= 1) {
      const lease = this.#leases[index];
      if (lease && lease.expiresAtMs > usableUntilMs && lease.availableNano >= amountNano) {
        return lease;
      }
    }
    return undefined;
  }

  #refillAhead(amountNano: bigint, nowMs: number): void {
    const newest = this.#leases.at(-1);
    if (newest === undefined || this.#refill !== undefined || nowMs < this.#nextRefillAheadMs) {
      return;
    }
    const { skewMs, renewAheadMs } = this.#options.limits;
    const isLow = newest.availableNano * 4n < newest.grantedNano;
    const isAging = newest.expiresAtMs - nowMs < skewMs + renewAheadMs;
    if ((isLow || isAging) && !this.#isStrict()) {
      this.#nextRefillAheadMs = nowMs + this.#options.limits.refillPauseMs;
      const request = { generationId: "", wantNano: amountNano, needNano: amountNano };
      this.#askForMore(request).catch(() => undefined);
    }
  }

  /** One grant at a time; who comes meanwhile waits for it. */
  #askForMore(request: HoldRequest): Promise<LeaseGrant> {
    this.#refill ??= this.#grant(request).finally(() => {
      this.#refill = undefined;
    });
    return this.#refill;
  }

  async #grant(request: HoldRequest): Promise<LeaseGrant> {
    const { accountId, keyId } = this;
    const pending = this.#unanswered ?? {
      seq: this.#options.nextGrantSeq(),
      // A lease must hold a whole worst case; what is left below that is reserved exactly.
      needNano: request.wantNano,
      wantNano: this.#wantNano(request),
    };
    this.#unanswered = pending;
    const grant = await this.#options.source.grant({ accountId, keyId, ...pending });
    this.#unanswered = undefined;
    const nowMs = this.#options.now();
    if (grant.isStrict) {
      this.#strictUntilMs = nowMs + this.#options.limits.strictMs;
    }
    if (grant.leaseId !== "" && !this.#byId.has(grant.leaseId)) {
      this.#add(grant, nowMs);
    }
    return grant;
  }

  #add(grant: LeaseGrant, nowMs: number): void {
    const lease = new Lease({ ...grant, id: grant.leaseId, nowMs });
    this.#leases.push(lease);
    this.#byId.set(lease.id, lease);
    this.#lastGrantMs = nowMs;
    this.#lastGrantedNano = grant.grantedNano;
  }

  #wantNano(request: HoldRequest): bigint {
    const { limits, now } = this.#options;
    let want = request.wantNano * limits.wantFactor + this.#waitingNano;
    if (now() - this.#lastGrantMs < limits.growBelowMs && this.#lastGrantedNano * 2n > want) {
      want = this.#lastGrantedNano * 2n;
    }
    return greater(lesser(want, limits.wantMaxNano), request.wantNano);
  }

  /** Credit parked in leases that are too small for the request goes back before it is refused. */
  async #returnIdleLeases(): Promise<boolean> {
    const idle = this.#leases.filter((lease) => lease.openHolds === 0);
    if (idle.length === 0) {
      return false;
    }
    await Promise.all(idle.map((lease) => this.#retire(lease)));
    return true;
  }

  #isStrict(): boolean {
    return this.#options.now() < this.#strictUntilMs;
  }

  #retire(lease: Lease): Promise<void> | undefined {
    lease.retire();
    const index = this.#leases.indexOf(lease);
    if (index >= 0) {
      this.#leases.splice(index, 1);
    }
    return lease.openHolds === 0 ? this.#drop(lease) : undefined;
  }

  #drop(lease: Lease): Promise<void> | undefined {
    if (!this.#byId.delete(lease.id) || lease.isSingle) {
      return undefined;
    }
    return this.#options.release(lease);
  }
}
