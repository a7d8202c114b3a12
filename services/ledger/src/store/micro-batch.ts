import { AppError } from "@fairlead/errors";

export interface MicroBatchOptions<Item, Result> {
  /** How long the first item of a batch waits for others. */
  readonly waitMs: number;
  readonly sizeMax: number;
  /** Items waiting beyond which new ones are refused. */
  readonly queueMax: number;
  /** One result for each item, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers single operations into batches: one transaction decides hundreds, which is what lets one
 * database row serve more than some thousand decisions a second. One batch runs at a time, so the
 * next one grows while the database works.
 */
export class MicroBatch<Item, Result> {
  readonly #options: MicroBatchOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #isRunning = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MicroBatchOptions<Item, Result>) {
    this.#options = options;
  }

  submit(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.queueMax) {
      const text = "The ledger has too many reservations waiting; try again shortly.";
      return Promise.reject(new AppError("unavailable", text, { retryAfterMs: 100 }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isRunning || this.#waiting.length === 0) {
      return;
    }
    if (this.#waiting.length >= this.#options.sizeMax) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.#runOne();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.#runOne();
      }, this.#options.waitMs);
    }
  }

  async #runOne(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.sizeMax);
    if (batch.length === 0 || this.#isRunning) {
      this.#waiting.unshift(...batch);
      return;
    }
    this.#isRunning = true;
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result === undefined) {
          reject(new AppError("internal", "The batch gave no result for the operation."));
        } else {
          resolve(result);
        }
      }
    } catch (error) {
      for (const { reject } of batch) {
        reject(error);
      }
    } finally {
      this.#isRunning = false;
      this.#schedule();
    }
  }
}
