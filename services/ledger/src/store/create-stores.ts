import type { Pool } from "@fairlead/db";
import { AccountStore } from "./account-store.ts";
import { type Books, checkBooks } from "./check-books.ts";
import { BooksReader } from "./books-reader.ts";
import { type Generation, readGeneration } from "./generation-store.ts";
import { KeyStore } from "./key-store.ts";
import { LeaseStore } from "./lease-store.ts";
import { UsageStore } from "./usage-store.ts";

export interface Stores {
  readonly accounts: AccountStore;
  readonly keys: KeyStore;
  readonly leases: LeaseStore;
  readonly usage: UsageStore;
  readonly books: BooksReader;
  readonly checkBooks: () => Promise<Books>;
  readonly readGeneration: (
    accountId: string,
    generationId: string,
  ) => Promise<Generation | undefined>;
}

/** Everything that reads and writes the database, on one pool. `now` in Unix milliseconds. */
export function createStores(pool: Pool, now: () => number): Stores {
  return {
    accounts: new AccountStore(pool),
    keys: new KeyStore(pool),
    leases: new LeaseStore(pool, now),
    usage: new UsageStore(pool),
    books: new BooksReader(pool),
    checkBooks: () => checkBooks(pool),
    readGeneration: (accountId, generationId) => readGeneration(pool, accountId, generationId),
  };
}
