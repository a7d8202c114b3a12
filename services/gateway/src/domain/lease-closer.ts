import { AppError, type ErrorCode } from "@fairlead/errors";
import type { Lease } from "./lease.ts";
import type { LeaseSource } from "./lease-source.ts";

/** The ledger's answer, whenever it is asked. */
const finalCodes: ReadonlySet<ErrorCode> = new Set([
  "invalid_request",
  "not_found",
  "permission_denied",
]);

/** Leases on their way back to the ledger; each is kept until the ledger has answered. */
export class LeaseCloser {
  readonly #source: LeaseSource;
  readonly #waiting = new Map<string, Lease>();
  /** Of these, the ones that the ledger is being told now. */
  readonly #asked = new Map<string, Promise<void>>();

  constructor(source: LeaseSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Never fails: what the ledger did not take is told again by `retry`. */
  close(lease: Lease): Promise<void> {
    this.#waiting.set(lease.id, lease);
    let asked = this.#asked.get(lease.id);
    if (asked === undefined) {
      asked = this.#tell(lease).finally(() => this.#asked.delete(lease.id));
      this.#asked.set(lease.id, asked);
    }
    return asked;
  }

  /** Tells the ledger of every lease that it has not taken. */
  async retry(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map((lease) => this.close(lease)));
  }

  async #tell(lease: Lease): Promise<void> {
    try {
      await this.#source.close({
        leaseId: lease.id,
        spentTotalNano: lease.spentNano,
        lastEventSeq: lease.lastSeq,
      });
      this.#waiting.delete(lease.id);
    } catch (error) {
      // A ledger that is away says so in its own metrics, and the lease stays on the list. One that
      // knows no such lease never will: asked for ever, such leases would only pile up.
      if (finalCodes.has(AppError.from(error).code)) {
        this.#waiting.delete(lease.id);
      }
    }
  }
}
