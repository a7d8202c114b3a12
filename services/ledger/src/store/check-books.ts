import { inTransaction, type Pool, query } from "@fairlead/db";

/** Reading every entry takes its time. */
const TIMEOUT_MS = 120_000;

/** All nano-USD. */
export interface Books {
  readonly imbalanceNano: bigint;
  /** Stored balances that are not the fold of what they stand for. */
  readonly wrongBalances: number;
  readonly suspenseNano: bigint;
  readonly leasedNano: bigint;
  readonly revenueNano: bigint;
  readonly usageEvents: bigint;
  readonly promptTokens: bigint;
  readonly completionTokens: bigint;
}

/**
 * Adds everything up again, in one snapshot: entries to zero; each balance from its entries;
 * leased and suspense from the leases; the bills of each movement from its usage events.
 */
export async function checkBooks(pool: Pool): Promise<Books> {
  return await inTransaction(
    pool,
    async (client) => {
      await client.query(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
      const [row] = await query<BooksRow>(client, { text: booksSql, timeoutMs: TIMEOUT_MS });
      if (row === undefined) {
        throw new Error("the books gave no row");
      }
      return {
        imbalanceNano: row.imbalance,
        wrongBalances: Number(row.wrong_balances),
        suspenseNano: row.suspense,
        leasedNano: row.leased,
        revenueNano: row.revenue,
        usageEvents: row.usage_events,
        promptTokens: row.prompt_tokens,
        completionTokens: row.completion_tokens,
      };
    },
    { isolation: "repeatable read", isReadOnly: true },
  );
}

interface BooksRow {
  readonly imbalance: bigint;
  readonly wrong_balances: bigint;
  readonly suspense: bigint;
  readonly leased: bigint;
  readonly revenue: bigint;
  readonly usage_events: bigint;
  readonly prompt_tokens: bigint;
  readonly completion_tokens: bigint;
}

const booksSql = `
  WITH folded AS (
    SELECT account_id, book, sum(amount_nano) AS nano FROM entries GROUP BY account_id, book
  ), stored AS (
    SELECT account_id, 'available' AS book, available_nano AS nano FROM account_balances
    UNION ALL SELECT account_id, 'leased', leased_nano FROM account_balances
    UNION ALL SELECT 'platform', book, balance_nano FROM platform_balances
  ), wrong_folds AS (
    SELECT count(*) AS n FROM stored s FULL JOIN folded f USING (account_id, book)
    WHERE coalesce(s.nano, 0) <> coalesce(f.nano, 0)
  ), remainders AS (
    SELECT account_id, state = 'expired' AS is_suspended,
           sum(granted_nano - spent_nano - returned_nano) AS nano
    FROM leases WHERE state <> 'closed' GROUP BY 1, 2
  ), wrong_leased AS (
    SELECT count(*) AS n FROM account_balances b
    LEFT JOIN remainders r ON r.account_id = b.account_id AND NOT r.is_suspended
    WHERE b.leased_nano <> coalesce(r.nano, 0)
  ), wrong_suspense AS (
    SELECT count(*) AS n FROM platform_balances p
    WHERE p.book = 'suspense'
      AND p.balance_nano <> (SELECT coalesce(sum(nano), 0) FROM remainders WHERE is_suspended)
  ), bills AS (
    SELECT movement_id, sum(cost_nano) AS nano, count(*) AS n, sum(prompt_tokens) AS prompt,
           sum(completion_tokens) AS completion
    FROM usage_events GROUP BY movement_id
  ), wrong_bills AS (
    SELECT count(*) AS n
    FROM bills b FULL JOIN (SELECT * FROM entries WHERE book = 'revenue') e USING (movement_id)
    WHERE coalesce(b.nano, 0) <> coalesce(e.amount_nano, 0)
  )
  SELECT
    (SELECT coalesce(sum(nano), 0)::bigint FROM folded) AS imbalance,
    (SELECT f.n + l.n + s.n + b.n FROM wrong_folds f, wrong_leased l, wrong_suspense s,
       wrong_bills b) AS wrong_balances,
    (SELECT balance_nano FROM platform_balances WHERE book = 'suspense') AS suspense,
    (SELECT coalesce(sum(leased_nano), 0)::bigint FROM account_balances) AS leased,
    (SELECT balance_nano FROM platform_balances WHERE book = 'revenue') AS revenue,
    (SELECT coalesce(sum(n), 0)::bigint FROM bills) AS usage_events,
    (SELECT coalesce(sum(prompt), 0)::bigint FROM bills) AS prompt_tokens,
    (SELECT coalesce(sum(completion), 0)::bigint FROM bills) AS completion_tokens`;
