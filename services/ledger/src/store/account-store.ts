import { randomBytes } from "node:crypto";
import { isOutOfRange, isUniqueViolation, type Pool, query } from "@fairlead/db";
import { AppError } from "@fairlead/errors";
import { retryConflict } from "./retry-conflict.ts";

const ACCOUNT_ID_BYTES = 12;

export interface CreditInput {
  readonly accountId: string;
  readonly amountNano: bigint;
  readonly idempotencyKey: string;
  readonly reason: string;
}

export interface Credits {
  readonly totalCreditsNano: bigint;
  readonly totalUsageNano: bigint;
}

/** Accounts and the credit they bought. */
export class AccountStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The account of this idempotency key, made if there is none. */
  async create(name: string, idempotencyKey: string): Promise<string> {
    const accountId = `acc_${randomBytes(ACCOUNT_ID_BYTES).toString("hex")}`;
    await query(this.#pool, {
      text: `WITH made AS (
          INSERT INTO accounts (account_id, name, idempotency_key) VALUES ($1, $2, $3)
          ON CONFLICT (idempotency_key) DO NOTHING RETURNING account_id
        )
        INSERT INTO account_balances (account_id) SELECT account_id FROM made`,
      values: [accountId, name, idempotencyKey],
    });
    const [row] = await query<{ account_id: string }>(this.#pool, {
      text: "SELECT account_id FROM accounts WHERE idempotency_key = $1",
      values: [idempotencyKey],
    });
    return row?.account_id ?? accountId;
  }

  /** Returns what is available afterwards, nano-USD. */
  async addCredits(credit: CreditInput): Promise<bigint> {
    const { accountId, amountNano, idempotencyKey, reason } = credit;
    const [row] = await retryConflict(() =>
      query<{ status: string; available_nano: bigint }>(this.#pool, {
        text: "SELECT * FROM add_credits($1, $2, $3, $4)",
        values: [accountId, amountNano, idempotencyKey, reason],
      }),
    ).catch((error: unknown) => {
      throw explainCredit(error);
    });
    if (row === undefined || row.status === "unknown_account") {
      throw new AppError("not_found", "There is no such account.", { param: "account_id" });
    }
    if (row.status === "conflict") {
      throw reusedKey();
    }
    return row.available_nano;
  }

  async readCredits(accountId: string): Promise<Credits | undefined> {
    const [row] = await query<{ credits_nano: bigint; usage_nano: bigint }>(this.#pool, {
      name: "credits",
      text: "SELECT credits_nano, usage_nano FROM account_balances WHERE account_id = $1",
      values: [accountId],
    });
    return row && { totalCreditsNano: row.credits_nano, totalUsageNano: row.usage_nano };
  }
}

function explainCredit(error: unknown): unknown {
  if (isOutOfRange(error)) {
    const text = "amount_nano is larger than a balance can be.";
    return new AppError("invalid_request", text, { param: "amount_nano" });
  }
  // Used at the same moment for another account: within one account they wait for each other.
  return isUniqueViolation(error) ? reusedKey() : error;
}

function reusedKey(): AppError {
  const text = "idempotency_key was used before with another account or amount.";
  return new AppError("conflict", text, { param: "idempotency_key" });
}
