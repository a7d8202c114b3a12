import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
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

/** A request waits for these; beyond it, it is answered 503. */
const ADMIT_TIMEOUT_MS = 2_000;
/** A ledger that was restarted is back in a second or two: so long an admission waits for it. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 100;
const CLOSE_TIMEOUT_MS = 5_000;

/** The lease book's view of the ledger, over gRPC. */
export class LedgerLeaseSource implements LeaseSource {
  readonly #client: RpcClient<typeof LedgerService>;
  readonly #gatewayId: string;
  readonly #patienceMs: number;

  constructor(
    client: RpcClient<typeof LedgerService>,
    gatewayId: string,
    patienceMs: number = PATIENCE_MS,
  ) {
    this.#client = client;
    this.#gatewayId = gatewayId;
    this.#patienceMs = patienceMs;
  }

  async grant(request: LeaseGrantRequest): Promise<LeaseGrant> {
    const reply = await this.#insist(() =>
      this.#client.grantLease(
        { ...request, gatewayId: this.#gatewayId },
        { timeoutMs: ADMIT_TIMEOUT_MS },
      ),
    );
    return { ...reply, expiresAtMs: Number(reply.expiresAtMs) };
  }

  reserve(request: ReservationRequest): Promise<Reservation> {
    return this.#insist(() =>
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

  /** Asks again while nobody answers. Grants and reserves are idempotent: asking twice is safe. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    const deadlineMs = performance.now() + this.#patienceMs;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const { code } = AppError.from(error);
        if (code !== "unavailable" || performance.now() + RETRY_MS > deadlineMs) {
          throw error;
        }
        await delay(RETRY_MS);
      }
    }
  }
}
