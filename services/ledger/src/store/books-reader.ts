import { type Pool, query } from "@fairlead/db";

const TIMEOUT_MS = 2_000;
/** Rows that are looked at where a table has no bound of its own. */
const ROWS_MAX = 10_000;
/** Entries that one look at the newest movements adds up. */
const ENTRIES_MAX = 100_000;

export interface LeaseTotal {
  readonly state: string;
  readonly leases: number;
  /** Neither spent nor given back, in nano-USD. */
  readonly amountNano: bigint;
}

/** What waits in the database, each count at most 10,000. */
export interface Waiting {
  readonly outbox: number;
  /** Of the oldest announcement; 0 when there is none. */
  readonly outboxAgeSeconds: number;
  readonly poison: number;
}

/** Totals for whoever watches. Each reads a bounded part of the database, or one row an account. */
export class BooksReader {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Nano-USD by the platform's own book. */
  async readPlatform(): Promise<Map<string, bigint>> {
    const rows = await this.#query<{ book: string; nano: bigint }>(
      "SELECT book, balance_nano AS nano FROM platform_balances",
    );
    return new Map(rows.map(({ book, nano }) => [book, nano]));
  }

  /** Nano-USD of all accounts and of the platform, by book, at one moment: they sum to zero. */
  async readAllBalances(): Promise<Map<string, bigint>> {
    const rows = await this.#query<{ book: string; nano: bigint }>(`
      SELECT 'available' AS book, coalesce(sum(available_nano), 0)::bigint AS nano
        FROM account_balances
      UNION ALL SELECT 'leased', coalesce(sum(leased_nano), 0)::bigint FROM account_balances
      UNION ALL SELECT book, balance_nano FROM platform_balances`);
    return new Map(rows.map(({ book, nano }) => [book, nano]));
  }

  /** Leases that are not closed, by state. Three states are there even with no lease. */
  async readLeases(): Promise<LeaseTotal[]> {
    const rows = await this.#query<{ state: string; leases: bigint; nano: bigint }>(`
      SELECT s.state, count(l.lease_id) AS leases,
             coalesce(sum(l.granted_nano - l.spent_nano - l.returned_nano), 0)::bigint AS nano
      FROM (VALUES ('open'), ('closing'), ('expired')) s (state)
      LEFT JOIN (
        SELECT * FROM leases WHERE state IN ('open', 'closing')
        UNION ALL SELECT * FROM leases WHERE state = 'expired'
      ) l USING (state)
      GROUP BY s.state`);
    return rows.map(({ state, leases, nano }) => ({
      state,
      leases: Number(leases),
      amountNano: nano,
    }));
  }

  async readWaiting(): Promise<Waiting> {
    const [row] = await this.#query<{ outbox: bigint; age: number; poison: bigint }>(`
      SELECT count(*) AS outbox,
             coalesce(extract(epoch FROM now() - min(created_at)), 0)::double precision AS age,
             (SELECT count(*) FROM (SELECT 1 FROM poison_events LIMIT ${ROWS_MAX}) p) AS poison
      FROM (SELECT created_at FROM outbox ORDER BY outbox_id LIMIT ${ROWS_MAX}) o`);
    return {
      outbox: Number(row?.outbox ?? 0n),
      outboxAgeSeconds: Math.max(0, row?.age ?? 0),
      poison: Number(row?.poison ?? 0n),
    };
  }

  /**
   * By how much the newest movements fail to sum to zero, in nano-USD: faults of two movements do
   * not cancel out. Older entries cannot change; `CheckBooks` adds them all up.
   */
  async readEntriesImbalance(): Promise<bigint> {
    const [row] = await this.#query<{ nano: bigint }>(`
      WITH newest AS (
        SELECT movement_id, amount_nano FROM entries
        ORDER BY movement_id DESC LIMIT ${ENTRIES_MAX}
      ), extent AS (
        -- The oldest movement may be cut where the limit was reached.
        SELECT CASE WHEN count(*) < ${ENTRIES_MAX} THEN 0 ELSE min(movement_id) END AS cut
        FROM newest
      ), sums AS (
        SELECT sum(amount_nano) AS nano FROM newest, extent
        WHERE movement_id > cut GROUP BY movement_id
      )
      SELECT coalesce(sum(abs(nano)), 0)::bigint AS nano FROM sums`);
    return row?.nano ?? 0n;
  }

  async #query<Row extends Record<string, unknown>>(text: string): Promise<Row[]> {
    return await query<Row>(this.#pool, { text, timeoutMs: TIMEOUT_MS });
  }
}
