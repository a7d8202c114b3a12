import { integerArray, type Pool, query, textArray } from "@fairlead/db";
import type { LeaseSituation } from "../domain/size-lease.ts";
import { MicroBatch } from "./micro-batch.ts";
import { retryConflict } from "./retry-conflict.ts";

const BATCH_WAIT_MS = 1;
const BATCH_SIZE_MAX = 500;
const QUEUE_MAX = 20_000;

/** Asks for credit; amounts in nano-USD. */
export interface LeaseAsk {
  /** Made from the request's own identity, so that a repeat is answered with the same lease. */
  readonly leaseId: string;
  readonly accountId: string;
  readonly keyId: string;
  readonly gatewayId: string;
  readonly wantNano: bigint;
  readonly needNano: bigint;
  readonly expiresAtMs: number;
  /** Of one request: ends with its first event. */
  readonly isSingle: boolean;
}

/** `refused` are asks that no credit would help. */
export type LeaseDenial = "" | "credit" | "key_limit" | "in_flight" | LeaseRefusal;
export type LeaseRefusal =
  | "unknown_account"
  | "unknown_key"
  | "key_disabled"
  | "key_expired"
  | "mismatch";

export interface LeaseDecision {
  readonly grantedNano: bigint;
  readonly expiresAtMs: bigint;
  /** Left of account and key beside all leases. */
  readonly availableNano: bigint;
  readonly denial: LeaseDenial;
}

/** `gap`: closed, but its events do not sum to what the gateway stated. */
export type CloseResult = "unknown" | "mismatch" | "closing" | "closed" | "gap";

export interface SweepResult {
  readonly leases: bigint;
  readonly amountNano: bigint;
}

/** Leases in Postgres. `now` in Unix milliseconds. */
export class LeaseStore {
  readonly #pool: Pool;
  readonly #now: () => number;
  readonly #batch: MicroBatch<LeaseAsk, LeaseDecision>;

  constructor(pool: Pool, now: () => number) {
    this.#pool = pool;
    this.#now = now;
    this.#batch = new MicroBatch({
      waitMs: BATCH_WAIT_MS,
      sizeMax: BATCH_SIZE_MAX,
      queueMax: QUEUE_MAX,
      run: (asks) => this.#decideAll(asks),
    });
  }

  /** Grants or denies, exactly, in one transaction with others that ask at the same moment. */
  take(ask: LeaseAsk): Promise<LeaseDecision> {
    return this.#batch.submit(ask);
  }

  /** What a lease's size is decided from; undefined for an unknown account. */
  async readSituation(
    accountId: string,
    keyId: string,
    gatewayId: string,
  ): Promise<Omit<LeaseSituation, "needNano" | "wantNano"> | undefined> {
    const rows = await query<SituationRow>(this.#pool, {
      name: "lease-situation",
      text: situationSql,
      values: [accountId, keyId, gatewayId, this.#now()],
    });
    const [row] = rows;
    return (
      row && {
        availableNano: row.available_nano,
        keyLeftNano: row.key_left_nano ?? undefined,
        activeGateways: row.other_gateways + 1,
      }
    );
  }

  async close(closing: {
    leaseId: string;
    gatewayId: string;
    spentTotalNano: bigint;
    lastEventSeq: bigint;
  }): Promise<CloseResult> {
    const { leaseId, gatewayId, spentTotalNano, lastEventSeq } = closing;
    const [row] = await retryConflict(() =>
      query<{ result: CloseResult }>(this.#pool, {
        name: "close-lease",
        text: "SELECT close_lease($1, $2, $3, $4) AS result",
        values: [leaseId, gatewayId, spentTotalNano, lastEventSeq],
      }),
    );
    return row?.result ?? "unknown";
  }

  expire(expiredBeforeMs: number, limit: number): Promise<SweepResult> {
    return this.#sweep("SELECT * FROM expire_leases($1, $2) AS t (leases, nano)", [
      expiredBeforeMs,
      limit,
    ]);
  }

  releaseSuspense(expiredBeforeMs: number, limit: number): Promise<SweepResult> {
    return this.#sweep("SELECT * FROM release_suspense($1, $2) AS t (leases, nano)", [
      expiredBeforeMs,
      limit,
    ]);
  }

  async #sweep(text: string, values: number[]): Promise<SweepResult> {
    const [row] = await retryConflict(() =>
      query<{ leases: bigint; nano: bigint }>(this.#pool, { text, values }),
    );
    return { leases: row?.leases ?? 0n, amountNano: row?.nano ?? 0n };
  }

  /** A repeat that meets its original in one batch shares its answer. */
  async #decideAll(asks: readonly LeaseAsk[]): Promise<LeaseDecision[]> {
    const positions = new Map<string, number>();
    const distinct: LeaseAsk[] = [];
    for (const ask of asks) {
      if (!positions.has(ask.leaseId)) {
        positions.set(ask.leaseId, distinct.length);
        distinct.push(ask);
      }
    }
    const decisions = await retryConflict(() => this.#decide(distinct));
    return asks.map((ask) => {
      const position = positions.get(ask.leaseId) ?? 0;
      const decision = decisions[position];
      const isSame = distinct[position]?.accountId === ask.accountId;
      return isSame && decision !== undefined ? decision : foreignLease;
    });
  }

  async #decide(asks: readonly LeaseAsk[]): Promise<LeaseDecision[]> {
    const rows = await query<DecisionRow>(this.#pool, {
      name: "take-leases",
      text: "SELECT * FROM take_leases($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      values: [
        this.#now(),
        textArray(asks.map((ask) => ask.leaseId)),
        textArray(asks.map((ask) => ask.accountId)),
        textArray(asks.map((ask) => ask.keyId)),
        textArray(asks.map((ask) => ask.gatewayId)),
        integerArray(asks.map((ask) => ask.wantNano)),
        integerArray(asks.map((ask) => ask.needNano)),
        integerArray(asks.map((ask) => ask.expiresAtMs)),
        `{${asks.map((ask) => ask.isSingle).join(",")}}`,
      ],
    });
    const decisions: LeaseDecision[] = [];
    for (const row of rows) {
      decisions[Number(row.r_position) - 1] = {
        grantedNano: row.r_granted_nano,
        expiresAtMs: row.r_expires_at_ms,
        availableNano: row.r_available_nano,
        denial: row.r_denial,
      };
    }
    return decisions;
  }
}

const foreignLease: LeaseDecision = {
  grantedNano: 0n,
  expiresAtMs: 0n,
  availableNano: 0n,
  denial: "mismatch",
};

interface SituationRow {
  readonly available_nano: bigint;
  readonly key_left_nano: bigint | null;
  readonly other_gateways: number;
}

interface DecisionRow {
  readonly r_position: bigint;
  readonly r_granted_nano: bigint;
  readonly r_expires_at_ms: bigint;
  readonly r_available_nano: bigint;
  readonly r_denial: LeaseDenial;
}

const situationSql = `
  SELECT b.available_nano,
    (SELECT count(DISTINCT l.gateway_id)::integer FROM leases l
     WHERE l.account_id = $1 AND l.state = 'open' AND l.gateway_id <> $3) AS other_gateways,
    (SELECT greatest(k.limit_nano - CASE WHEN w.start_ms > k.window_start_ms THEN 0
              ELSE k.spent_nano + k.leased_nano END, 0)
     FROM key_budgets k, budget_window(k.limit_reset, $4) w
     WHERE k.key_id = $2) AS key_left_nano
  FROM account_balances b WHERE b.account_id = $1`;
