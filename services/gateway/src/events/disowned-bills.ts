import type { AppError } from "@fairlead/errors";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import type { Link } from "@fairlead/rpc";

/** Attempts that may wait for a link; beyond it the oldest are given up. */
const WAITING_MAX = 10_000;
const TIMEOUT_MS = 1_000;
const RETRY_MS = 250;
/** By then the worker has billed it. */
const TRIES_MAX = 5;

interface Disowned {
  readonly generationId: string;
  readonly attempt: number;
  tries: number;
}

/**
 * Attempts of one worker whose link broke before anything of them came here. Another attempt is
 * billed under the same id, and whichever bill the ledger gets first counts: the worker must
 * forget its own, whether it has seen the break by now or not. It is told as soon as the link is
 * back.
 *
 * A worker bills by itself what nobody claimed for 5 s. One that can reach the bus but not us for
 * longer may thus be first; the ledger then keeps the wrong one of two bills, never both.
 */
export class DisownedBills {
  readonly #link: Link;
  readonly #onLost: (count: number) => void;
  readonly #waiting = new Map<string, Disowned>();
  #timer: NodeJS.Timeout | undefined;

  /** `onLost` hears how many were given up, also when the link closes for good. */
  constructor(link: Link, onLost: (count: number) => void) {
    this.#link = link;
    this.#onLost = onLost;
    link.onStateChange((state) => (state === "closed" ? this.#giveUp() : this.#tell()));
  }

  add(generationId: string, attempt: number): void {
    this.#keep({ generationId, attempt, tries: 0 });
    this.#tell();
  }

  #keep(disowned: Disowned): void {
    if (this.#link.state === "closed") {
      this.#onLost(1);
      return;
    }
    if (this.#waiting.size >= WAITING_MAX) {
      const [oldest = ""] = this.#waiting.keys();
      this.#waiting.delete(oldest);
      this.#onLost(1);
    }
    this.#waiting.set(`${disowned.generationId}-${disowned.attempt}`, disowned);
  }

  #giveUp(): void {
    const count = this.#waiting.size;
    this.#waiting.clear();
    if (count > 0) {
      this.#onLost(count);
    }
  }

  #tell(): void {
    const { state } = this.#link;
    if (this.#waiting.size === 0 || (state !== "ready" && state !== "draining")) {
      return;
    }
    const told = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#link.open(
      AdapterService.method.acknowledgeUsage,
      { disowned: told },
      { timeoutMs: TIMEOUT_MS, isControl: true },
      {
        message: () => undefined,
        end: (error) => this.#settle(told, error),
      },
    );
  }

  #settle(told: readonly Disowned[], error: AppError | undefined): void {
    if (error === undefined) {
      return;
    }
    for (const disowned of told) {
      disowned.tries += 1;
      if (disowned.tries < TRIES_MAX) {
        this.#keep(disowned);
      } else {
        this.#onLost(1);
      }
    }
    // A link that stays as it is gives no other occasion.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, RETRY_MS).unref();
  }
}
