import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import type {
  LeaseClosing,
  LeaseGrant,
  LeaseGrantRequest,
  LeaseSource,
  Reservation,
  ReservationRequest,
} from "../domain/lease-source.ts";
import { insist } from "./insist.ts";

/** A request waits for these; beyond it, it is answered 503. */
const ADMIT_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** The lease book's view of the ledger, over gRPC. */
export class LedgerLeaseSource implements LeaseSource {
  readonly #client: RpcClient<typeof LedgerService>;
  readonly #gatewayId: string;

  constructor(client: RpcClient<typeof LedgerService>, gatewayId: string) {
    this.#client = client;
    this.#gatewayId = gatewayId;
  }

  async grant(request: LeaseGrantRequest): Promise<LeaseGrant> {
    const reply = await insist(() =>
      this.#client.grantLease(
        { ...request, gatewayId: this.#gatewayId },
        { timeoutMs: ADMIT_TIMEOUT_MS },
      ),
    );
    return { ...reply, expiresAtMs: Number(reply.expiresAtMs) };
  }

  reserve(request: ReservationRequest): Promise<Reservation> {
    return insist(() =>
      this.#client.reserve(
        { ...request, gatewayId: this.#gatewayId },
        { timeoutMs: ADMIT_TIMEOUT_MS },
      ),
    );
  }

  async close(closing: LeaseClosing): Promise<void> {
    const { leaseId, spentTotalNano, lastEventSeq } = closing;
    await this.#client.closeLease(
      { leaseId, spentTotalNano, lastEventSeq, gatewayId: this.#gatewayId },
      { timeoutMs: CLOSE_TIMEOUT_MS },
    );
  }
}
