import type { Link } from "@fairlead/rpc";
import { acknowledgeUsage } from "./acknowledge-usage.ts";

/** Ids that may wait for a link; beyond it the oldest are given up. */
const WAITING_MAX = 10_000;

/**
 * Generations of one worker whose link broke before anything of them came here. Another attempt is
 * billed under the same id, and whichever bill is first counts: the worker must forget its own. It
 * is told as soon as the link is back, long before it takes this process for gone.
 */
export class DisownedBills {
  readonly #link: Link;
  readonly #waiting = new Set<string>();

  constructor(link: Link) {
    this.#link = link;
    link.onStateChange(() => this.#tell());
  }

  add(generationId: string): void {
    this.#keep(generationId);
    this.#tell();
  }

  #keep(generationId: string): void {
    if (this.#waiting.size >= WAITING_MAX) {
      const [oldest = ""] = this.#waiting;
      this.#waiting.delete(oldest);
    }
    this.#waiting.add(generationId);
  }

  #tell(): void {
    if (this.#waiting.size === 0 || this.#link.state !== "ready") {
      return;
    }
    const generationIds = [...this.#waiting];
    this.#waiting.clear();
    acknowledgeUsage(this.#link, generationIds, (error) => {
      // The next change of the link's state is the time to try again.
      for (const generationId of error === undefined ? [] : generationIds) {
        this.#keep(generationId);
      }
    });
  }
}
