import { integerArray, inTransaction, type Pool, type Queryable, query } from "@fairlead/db";
import { KeysChangedSchema } from "@fairlead/proto/events/v1/events";
import { subjects } from "@fairlead/bus";
import type { KeyRecord } from "../domain/key-record.ts";
import type { UsageWindows } from "../domain/usage-windows.ts";
import { addToOutbox } from "./outbox-store.ts";

/** What a key used, nano-USD, by UTC day of admission. */
export interface KeyUsage {
  readonly totalNano: bigint;
  readonly dailyNano: bigint;
  readonly weeklyNano: bigint;
  readonly monthlyNano: bigint;
  /** Used in the limit's current window; undefined for a key without a limit. */
  readonly windowSpentNano: bigint | undefined;
  /** The account never bought or was given credit. */
  readonly isFreeTier: boolean;
}

/** API keys, their limits and their usage. */
export class KeyStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async findByHmac(keyHmac: Uint8Array): Promise<KeyRecord | undefined> {
    const [row] = await query<KeyRow>(this.#pool, {
      name: "key-by-hmac",
      text: `${keySql} WHERE k.key_hmac = $1`,
      values: [Buffer.from(keyHmac)],
    });
    return row && decodeKey(row);
  }

  async findById(keyId: string): Promise<KeyRecord | undefined> {
    const [row] = await query<KeyRow>(this.#pool, {
      name: "key-by-id",
      text: `${keySql} WHERE k.key_id = $1`,
      values: [keyId],
    });
    return row && decodeKey(row);
  }

  /**
   * Adds a key and, in the same transaction, tells the gateways, which may remember that it was
   * not there. False when the account is unknown.
   */
  async insert(key: KeyRecord, keyHmac: Uint8Array): Promise<boolean> {
    return await inTransaction(this.#pool, async (client) => {
      const accounts = await query(client, {
        text: "SELECT 1 FROM accounts WHERE account_id = $1",
        values: [key.accountId],
      });
      if (accounts.length === 0) {
        return false;
      }
      await insertKey(client, key, keyHmac);
      return true;
    });
  }

  /**
   * As {@link insert}, unless there is such a key: by its text (`keyId`), or by its name within
   * the account. Returns the one that was there. The account must exist. Of several callers at
   * once, one inserts.
   */
  async insertOnce(
    key: KeyRecord,
    keyHmac: Uint8Array,
    by: "keyId" | "name",
  ): Promise<KeyRecord | undefined> {
    return await inTransaction(this.#pool, async (client) => {
      await query(client, {
        text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        values: [`fairlead key of ${key.accountId}`],
      });
      const [row] = await query<KeyRow>(client, {
        text:
          by === "keyId"
            ? `${keySql} WHERE k.key_id = $1`
            : `${keySql} WHERE k.account_id = $1 AND k.name = $2 ORDER BY k.created_at LIMIT 1`,
        values: by === "keyId" ? [key.keyId] : [key.accountId, key.name],
      });
      if (row !== undefined) {
        return decodeKey(row);
      }
      await insertKey(client, key, keyHmac);
      return undefined;
    });
  }

  async readUsage(key: KeyRecord, windows: UsageWindows, nowMs: number): Promise<KeyUsage> {
    const [row] = await query<UsageRow>(this.#pool, {
      name: "key-usage",
      text: usageSql,
      values: [key.keyId, integerArray([windows.day, windows.week, windows.month]), nowMs],
    });
    return {
      totalNano: row?.total ?? 0n,
      dailyNano: row?.daily ?? 0n,
      weeklyNano: row?.weekly ?? 0n,
      monthlyNano: row?.monthly ?? 0n,
      windowSpentNano: row?.window_spent ?? undefined,
      isFreeTier: row?.is_free_tier ?? true,
    };
  }
}

/** With the announcement that leaves when the caller's transaction commits. */
async function insertKey(client: Queryable, key: KeyRecord, keyHmac: Uint8Array): Promise<void> {
  await query(client, {
    text: `INSERT INTO api_keys (key_id, key_hmac, account_id, name, label, is_management,
        is_disabled, expires_at_ms, requests_per_minute, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000))`,
    values: [
      key.keyId,
      Buffer.from(keyHmac),
      key.accountId,
      key.name,
      key.label,
      key.isManagement,
      key.isDisabled,
      key.expiresAtMs,
      key.requestsPerMinute,
      key.createdAtMs,
    ],
  });
  if (key.limitNano !== undefined) {
    await query(client, {
      text: "INSERT INTO key_budgets (key_id, limit_nano, limit_reset) VALUES ($1, $2, $3)",
      values: [key.keyId, key.limitNano, key.limitReset],
    });
  }
  await addToOutbox(client, KeysChangedSchema, subjects.keysChanged, {
    keyIds: [key.keyId],
    accountId: key.accountId,
  });
}

const keySql = `
  SELECT k.key_id, k.account_id, k.name, k.label, k.is_management, k.is_disabled, k.expires_at_ms,
         k.requests_per_minute, (extract(epoch FROM k.created_at) * 1000)::bigint AS created_at_ms,
         b.limit_nano, b.limit_reset
  FROM api_keys k LEFT JOIN key_budgets b ON b.key_id = k.key_id`;

const usageSql = `
  WITH first AS (SELECT $2::integer[] AS days)
  SELECT
    sum(d.cost_nano)::bigint AS total,
    (sum(d.cost_nano) FILTER (WHERE d.day >= first.days[1]))::bigint AS daily,
    (sum(d.cost_nano) FILTER (WHERE d.day >= first.days[2]))::bigint AS weekly,
    (sum(d.cost_nano) FILTER (WHERE d.day >= first.days[3]))::bigint AS monthly,
    (SELECT CASE WHEN w.start_ms > b.window_start_ms THEN 0 ELSE b.spent_nano END
     FROM key_budgets b, budget_window(b.limit_reset, $3) w WHERE b.key_id = $1) AS window_spent,
    (SELECT a.credits_nano = 0 FROM account_balances a JOIN api_keys k USING (account_id)
     WHERE k.key_id = $1) AS is_free_tier
  FROM first LEFT JOIN key_usage_days d ON d.key_id = $1`;

interface KeyRow {
  readonly key_id: string;
  readonly account_id: string;
  readonly name: string;
  readonly label: string;
  readonly is_management: boolean;
  readonly is_disabled: boolean;
  readonly expires_at_ms: bigint;
  readonly requests_per_minute: number;
  readonly created_at_ms: bigint;
  readonly limit_nano: bigint | null;
  readonly limit_reset: KeyRecord["limitReset"] | null;
}

interface UsageRow {
  readonly total: bigint | null;
  readonly daily: bigint | null;
  readonly weekly: bigint | null;
  readonly monthly: bigint | null;
  readonly window_spent: bigint | null;
  readonly is_free_tier: boolean | null;
}

function decodeKey(row: KeyRow): KeyRecord {
  return {
    keyId: row.key_id,
    accountId: row.account_id,
    name: row.name,
    label: row.label,
    isManagement: row.is_management,
    isDisabled: row.is_disabled,
    expiresAtMs: row.expires_at_ms,
    limitNano: row.limit_nano ?? undefined,
    limitReset: row.limit_reset ?? "",
    requestsPerMinute: row.requests_per_minute,
    createdAtMs: row.created_at_ms,
  };
}
