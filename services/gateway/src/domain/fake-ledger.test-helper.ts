import { AppError } from "@fairlead/errors";
import { Denial } from "@fairlead/proto/ledger/v1/ledger";
import { lesser } from "./bigints.ts";
import type {
  LeaseClosing,
  LeaseGrant,
  LeaseGrantRequest,
  LeaseSource,
  Reservation,
  ReservationRequest,
} from "./lease-source.ts";

/** A ledger of one account that checks what gateways do with its leases. */
export class FakeLedger implements LeaseSource {
  availableNano: bigint;
  spentNano = 0n;
  grants = 0;
  reservations = 0;
  isReachable = true;
  strictBelowNano = 0n;
  grantMaxNano = 1n << 60n;
  leaseMs = 60_000;
  now: () => number = () => 0;
  readonly open = new Map<string, bigint>();
  readonly closed = new Map<string, LeaseClosing>();
  readonly #answered = new Map<bigint, LeaseGrant>();
  #lastId = 0;

  constructor(availableNano: bigint) {
    this.availableNano = availableNano;
  }

  async grant(request: LeaseGrantRequest): Promise<LeaseGrant> {
    await this.#travel();
    const known = this.#answered.get(request.seq);
    const answer = known ?? this.#grant(request);
    this.#answered.set(request.seq, answer);
    return answer;
  }

  async reserve(request: ReservationRequest): Promise<Reservation> {
    await this.#travel();
    this.reservations += 1;
    if (this.availableNano < request.needNano) {
      const denial = this.open.size > 0 ? Denial.IN_FLIGHT : Denial.CREDIT;
      return { leaseId: "", grantedNano: 0n, availableNano: this.availableNano, denial };
    }
    const grantedNano = lesser(request.wantNano, this.availableNano);
    return {
      leaseId: this.#lend(grantedNano),
      grantedNano,
      availableNano: this.availableNano,
      denial: Denial.UNSPECIFIED,
    };
  }

  async close(closing: LeaseClosing): Promise<void> {
    await this.#travel();
    const grantedNano = this.open.get(closing.leaseId);
    if (grantedNano === undefined) {
      throw new Error("a lease was closed twice or never granted");
    }
    if (closing.spentTotalNano > grantedNano) {
      throw new Error("more was spent than granted");
    }
    this.open.delete(closing.leaseId);
    this.closed.set(closing.leaseId, closing);
    this.spentNano += closing.spentTotalNano;
    this.availableNano += grantedNano - closing.spentTotalNano;
  }

  /** A single lease of Reserve is over with its one event. */
  postSingle(leaseId: string, spentNano: bigint): void {
    const grantedNano = this.open.get(leaseId) ?? 0n;
    this.open.delete(leaseId);
    this.spentNano += spentNano;
    this.availableNano += grantedNano - spentNano;
  }

  #grant(request: LeaseGrantRequest): LeaseGrant {
    this.grants += 1;
    const isStrict = this.availableNano < this.strictBelowNano;
    const expiresAtMs = this.now() + this.leaseMs;
    const empty = { leaseId: "", grantedNano: 0n, availableNano: this.availableNano, expiresAtMs };
    if (isStrict) {
      return { ...empty, isStrict, denial: Denial.UNSPECIFIED };
    }
    if (this.availableNano < request.needNano) {
      const denial = this.open.size > 0 ? Denial.IN_FLIGHT : Denial.CREDIT;
      return { ...empty, isStrict, denial };
    }
    const grantedNano = lesser(lesser(request.wantNano, this.availableNano), this.grantMaxNano);
    const leaseId = this.#lend(grantedNano);
    const { availableNano } = this;
    const denial = Denial.UNSPECIFIED;
    return { leaseId, grantedNano, availableNano, expiresAtMs, isStrict, denial };
  }

  #lend(amountNano: bigint): string {
    this.#lastId += 1;
    this.availableNano -= amountNano;
    const leaseId = `lease-${this.#lastId}`;
    this.open.set(leaseId, amountNano);
    return leaseId;
  }

  async #travel(): Promise<void> {
    await Promise.resolve();
    if (!this.isReachable) {
      throw new AppError("unavailable", "The ledger cannot be reached.");
    }
  }
}
