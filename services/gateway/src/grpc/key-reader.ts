import { AppError } from "@fairlead/errors";
import type { Key, LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import type { RpcClient } from "@fairlead/rpc";
import { insist } from "./insist.ts";

const TIMEOUT_MS = 2_000;
/** Whoever sends a well-formed key may wait, so waiting has to have an end. */
const PATIENT_MAX = 100;

/** The key cache's way to the ledger. */
export class KeyReader {
  readonly #ledger: RpcClient<typeof LedgerService>;
  #waiting = 0;
  #hurried = 0;

  constructor(ledger: RpcClient<typeof LedgerService>) {
    this.#ledger = ledger;
  }

  /** Patient look-ups under way. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Look-ups that found too many others waiting, and were asked once only. */
  get hurried(): number {
    return this.#hurried;
  }

  /**
   * The record behind an HMAC, undefined when there is none. A patient look-up waits for a ledger
   * that comes back, up to 5 s. Throws `unavailable` with a client's message.
   */
  async lookUp(keyHmac: Uint8Array, isPatient: boolean): Promise<Key | undefined> {
    try {
      return await (isPatient ? this.#wait(keyHmac) : this.#ask(keyHmac));
    } catch (cause) {
      if (cause instanceof AppError && cause.code === "not_found") {
        return undefined;
      }
      throw new AppError("unavailable", "API keys cannot be checked now. Try again in a moment.", {
        retryAfterMs: 1_000,
        cause,
      });
    }
  }

  async #wait(keyHmac: Uint8Array): Promise<Key | undefined> {
    if (this.#waiting >= PATIENT_MAX) {
      this.#hurried += 1;
      return this.#ask(keyHmac);
    }
    this.#waiting += 1;
    try {
      return await insist(() => this.#ask(keyHmac));
    } finally {
      this.#waiting -= 1;
    }
  }

  async #ask(keyHmac: Uint8Array): Promise<Key | undefined> {
    return (await this.#ledger.lookUpKey({ keyHmac }, { timeoutMs: TIMEOUT_MS })).key;
  }
}
