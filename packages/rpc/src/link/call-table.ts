/** What a table holds. */
export interface TableCall<T> {
  readonly id: number;
  /** The table's own: the next call of its bucket. */
  nextInBucket: T | undefined;
}

const bucketsAtFirst = 64;

/**
 * The open calls of a connection by their ids, which rise one by one, so that neighbours lie in
 * buckets of their own.
 *
 * No `Map`: V8 replaces its table each time that calls have come and gone, and the abandoned ones
 * keep what was in them, with all that it reaches, from the collector of young objects (see
 * `TransientMap` of `packages/kit`). These buckets are replaced only when they double, and point
 * to nothing that has left.
 */
export class CallTable<T extends TableCall<T>> {
  #buckets: (T | undefined)[] = createBuckets(bucketsAtFirst);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    let call = this.#buckets[this.#bucketOf(id)];
    while (call !== undefined && call.id !== id) {
      call = call.nextInBucket;
    }
    return call;
  }

  /** The call's id must not be in the table. */
  add(call: T): void {
    if (this.#size >= this.#buckets.length) {
      this.#grow();
    }
    this.#link(call);
    this.#size += 1;
  }

  /** Does nothing when the call is not in the table. */
  remove(call: T): void {
    const bucket = this.#bucketOf(call.id);
    let previous: T | undefined;
    let current = this.#buckets[bucket];
    while (current !== undefined && current !== call) {
      previous = current;
      current = current.nextInBucket;
    }
    if (current === undefined) {
      return;
    }
    if (previous === undefined) {
      this.#buckets[bucket] = call.nextInBucket;
    } else {
      previous.nextInBucket = call.nextInBucket;
    }
    call.nextInBucket = undefined;
    this.#size -= 1;
  }

  /** All of them, in no particular order; the table may change meanwhile. */
  list(): T[] {
    const calls: T[] = [];
    for (const first of this.#buckets) {
      for (let call = first; call !== undefined; call = call.nextInBucket) {
        calls.push(call);
      }
    }
    return calls;
  }

  #bucketOf(id: number): number {
    return id & (this.#buckets.length - 1);
  }

  #link(call: T): void {
    const bucket = this.#bucketOf(call.id);
    call.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = call;
  }

  #grow(): void {
    const calls = this.list();
    this.#buckets.fill(undefined);
    this.#buckets = createBuckets(2 * this.#buckets.length);
    for (const call of calls) {
      this.#link(call);
    }
  }
}

/** `length`: a power of two. */
function createBuckets<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined);
}
