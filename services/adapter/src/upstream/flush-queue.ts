const resolved = Promise.resolve();

/** Something that has gathered output. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes at the end of the current socket read: one read brings many HTTP chunks, and many
 * events, of one stream, which leave as one message.
 */
export class FlushQueue {
  #items: Flushable[] = [];
  readonly #run = (): void => {
    const items = this.#items;
    this.#items = [];
    for (const item of items) {
      item.flush();
    }
  };

  add(item: Flushable): void {
    if (this.#items.push(item) === 1) {
      // Microtasks run when the read's callback returns, before the next socket is looked at.
      // A promise, since queueMicrotask makes an async resource each time.
      void resolved.then(this.#run);
    }
  }
}
