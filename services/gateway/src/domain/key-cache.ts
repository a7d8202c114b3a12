import type { Key } from "@fairlead/proto/ledger/v1/ledger";

/**
 * The record behind an HMAC, undefined when there is none. Throws when nobody can say; a patient
 * look-up waits a moment for who can.
 */
export type LookUpKey = (hmac: Uint8Array, isPatient: boolean) => Promise<Key | undefined>;

export interface KeyCacheOptions {
  readonly lookUp: LookUpKey;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly capacity?: number;
  readonly ttlMs?: number;
  /** How long "no such key" is believed, so that guesses do not reach the database. */
  readonly negativeTtlMs?: number;
  /** How long a known key is believed while the ledger does not answer. */
  readonly staleMs?: number;
}

interface Entry {
  readonly key: Key | undefined;
  readonly readAtMs: number;
}

/**
 * Key records by a digest of their text: the text itself is never kept. Changes are announced
 * (`forget`); the time to live bounds what a lost announcement can do.
 */
export class KeyCache {
  readonly #lookUp: LookUpKey;
  readonly #now: () => number;
  readonly #capacity: number;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  readonly #staleMs: number;
  readonly #known = new Map<string, Entry>();
  /** Apart from the known ones: a flood of guesses must not push real keys out. */
  readonly #unknown = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<Key | undefined>>();
  #generation = 0;

  constructor(options: KeyCacheOptions) {
    this.#lookUp = options.lookUp;
    this.#now = options.now;
    this.#capacity = options.capacity ?? 100_000;
    this.#ttlMs = options.ttlMs ?? 60_000;
    this.#negativeTtlMs = options.negativeTtlMs ?? 10_000;
    this.#staleMs = options.staleMs ?? 3_600_000;
  }

  get size(): number {
    return this.#known.size + this.#unknown.size;
  }

  /**
   * The record at hand; null for a key known not to be one; undefined when it must be looked up.
   */
  peek(digest: string): Key | null | undefined {
    const nowMs = this.#now();
    const entry = this.#known.get(digest);
    if (entry !== undefined && nowMs - entry.readAtMs < this.#ttlMs) {
      return entry.key;
    }
    const absent = this.#unknown.get(digest);
    return absent !== undefined && nowMs - absent.readAtMs < this.#negativeTtlMs ? null : undefined;
  }

  /** Whether this was a key when it was last looked up. */
  isKnown(digest: string): boolean {
    return this.#known.has(digest);
  }

  /** Looks the key up once however many ask; serves a stale record when the ledger is away. */
  async resolve(digest: string, hmac: Uint8Array): Promise<Key | undefined> {
    const cached = this.peek(digest);
    if (cached !== undefined) {
      return cached ?? undefined;
    }
    let pending = this.#pending.get(digest);
    if (pending === undefined) {
      pending = this.#read(digest, hmac).finally(() => this.#pending.delete(digest));
      this.#pending.set(digest, pending);
    }
    return pending;
  }

  /** Keys by id; all keys of the account when there are no ids. */
  forget(keyIds: readonly string[], accountId: string): void {
    this.#generation += 1;
    for (const [digest, { key }] of this.#known) {
      const isNamed = key !== undefined && keyIds.includes(key.keyId);
      if (isNamed || (keyIds.length === 0 && key?.accountId === accountId)) {
        this.#known.delete(digest);
      }
    }
    // A key that was just created may have been asked for a moment too early.
    this.#unknown.clear();
  }

  async #read(digest: string, hmac: Uint8Array): Promise<Key | undefined> {
    const generation = this.#generation;
    try {
      // Whoever has a record to fall back on need not wait for a better one.
      const key = await this.#lookUp(hmac, !this.#known.has(digest));
      // A change announced while we were reading: the answer is good for this request only.
      if (generation === this.#generation) {
        this.#store(digest, key);
      }
      return key;
    } catch (error) {
      const stale = this.#known.get(digest);
      if (stale !== undefined && this.#now() - stale.readAtMs < this.#staleMs) {
        return stale.key;
      }
      throw error;
    }
  }

  #store(digest: string, key: Key | undefined): void {
    const [map, other] =
      key === undefined ? [this.#unknown, this.#known] : [this.#known, this.#unknown];
    other.delete(digest);
    map.delete(digest);
    map.set(digest, { key, readAtMs: this.#now() });
    if (map.size > this.#capacity) {
      const oldest = map.keys().next();
      if (!oldest.done) {
        map.delete(oldest.value);
      }
    }
  }
}
