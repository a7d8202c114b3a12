interface Box<V> {
  value: V | undefined;
}

/**
 * A `Map` for what comes and goes with every request; values are never undefined.
 *
 * V8 gives a `Map` or `Set` a new table whenever it has grown, shrunk or been deleted from often
 * enough, and an abandoned table holds what was in it then, and points to its successor. Once one
 * of them is old, the collector of young objects takes all that came after it for alive: everything
 * that such a request ever reached is copied twice and kept until a full collection. Here the
 * tables hold boxes, which are emptied when their entry goes: what is left of it until then is its
 * key and its box.
 */
export class TransientMap<K, V extends object> {
  readonly #boxes = new Map<K, Box<V>>();

  get size(): number {
    return this.#boxes.size;
  }

  has(key: K): boolean {
    return this.#boxes.has(key);
  }

  get(key: K): V | undefined {
    return this.#boxes.get(key)?.value;
  }

  set(key: K, value: V): void {
    const box = this.#boxes.get(key);
    if (box === undefined) {
      this.#boxes.set(key, { value });
    } else {
      box.value = value;
    }
  }

  delete(key: K): boolean {
    const box = this.#boxes.get(key);
    if (box === undefined) {
      return false;
    }
    box.value = undefined;
    return this.#boxes.delete(key);
  }

  /** In the order in which the keys were set; entries may be deleted on the way. */
  keys(): IterableIterator<K> {
    return this.#boxes.keys();
  }

  *values(): Generator<V> {
    for (const { value } of this.#boxes.values()) {
      if (value !== undefined) {
        yield value;
      }
    }
  }
}
