import { AppError } from "@fairlead/errors";

const resolved = Promise.resolve();

/**
 * What is not urgent leaves at most this often. Waking a process and writing to a connection costs
 * several times what an event of a stream does, and streams that an adapter carries side by side
 * have theirs all at different moments.
 */
const GATHER_MS = 5;

/** A stream that has gathered more text than this asks to `hurry`. */
export const gatheredLengthMax = 16_384;

/** Something that has gathered output. */
export interface Flushable {
  flush(): void;
  /** Told when `flush` threw. */
  drop(reason: AppError): void;
}

/**
 * When the gathered output of all streams leaves. What is urgent, or comes after a pause, leaves at
 * the end of the current socket read: one read brings many HTTP chunks, and many events, of one
 * stream, which leave as one message. The rest waits until a few milliseconds after the last time,
 * and leaves with what the other streams gathered meanwhile.
 */
export class FlushQueue {
  readonly #now: () => number;
  readonly #onFailure: (error: unknown) => void;
  #items: Flushable[] = [];
  #lastRunMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isHurried = false;

  /** `now`: monotonic milliseconds. `onFailure` hears what a `flush` threw. */
  constructor(now: () => number, onFailure: (error: unknown) => void) {
    this.#now = now;
    this.#onFailure = onFailure;
  }

  add(item: Flushable, isUrgent: boolean): void {
    const isFirst = this.#items.push(item) === 1;
    const waitMs = isFirst && !isUrgent ? this.#lastRunMs + GATHER_MS - this.#now() : 0;
    if (waitMs > 0) {
      this.#timer = setTimeout(this.#run, waitMs);
    } else if (isFirst || isUrgent) {
      this.hurry();
    }
  }

  /** Everything added so far leaves at the end of the current socket read. */
  hurry(): void {
    if (!this.#isHurried) {
      this.#isHurried = true;
      // Microtasks run when the read's callback returns, before the next socket is looked at.
      // A promise, since queueMicrotask makes an async resource each time.
      void resolved.then(this.#run);
    }
  }

  readonly #run = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isHurried = false;
    this.#lastRunMs = this.#now();
    const items = this.#items;
    this.#items = [];
    for (const item of items) {
      // Nobody awaits this: what one stream throws would end the process, and the others' output.
      try {
        item.flush();
      } catch (error) {
        this.#onFailure(error);
        item.drop(AppError.from(error));
      }
    }
  };
}
