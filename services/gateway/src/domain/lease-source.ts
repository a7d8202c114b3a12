import type { Denial } from "@fairlead/proto/ledger/v1/ledger";

/** The ledger as the lease book sees it; implemented over gRPC. Every call has a deadline. */
export interface LeaseSource {
  grant(request: LeaseGrantRequest): Promise<LeaseGrant>;
  reserve(request: ReservationRequest): Promise<Reservation>;
  close(request: LeaseClosing): Promise<void>;
}

export interface LeaseGrantRequest {
  readonly accountId: string;
  readonly keyId: string;
  /** The same sequence number is answered with the same lease. */
  readonly seq: bigint;
  readonly needNano: bigint;
  readonly wantNano: bigint;
}

export interface LeaseGrant {
  readonly leaseId: string;
  readonly grantedNano: bigint;
  readonly expiresAtMs: number;
  readonly availableNano: bigint;
  readonly isStrict: boolean;
  readonly denial: Denial;
}

export interface ReservationRequest {
  readonly accountId: string;
  readonly keyId: string;
  readonly generationId: string;
  readonly wantNano: bigint;
  readonly needNano: bigint;
}

export interface Reservation {
  readonly leaseId: string;
  readonly grantedNano: bigint;
  readonly availableNano: bigint;
  readonly denial: Denial;
}

export interface LeaseClosing {
  readonly leaseId: string;
  readonly spentTotalNano: bigint;
  readonly lastEventSeq: bigint;
}
