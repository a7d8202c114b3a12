import type { RequestRecord } from "@fairlead/simulator";
import { Client } from "pg";

export interface Bill {
  readonly provider: string;
  readonly model: string;
  readonly promptTokens: bigint;
  readonly completionTokens: bigint;
  readonly costNano: bigint;
  /** 1 completed, 2 cancelled, 3 failed: the enum Outcome. */
  readonly outcome: number;
}

export interface Books {
  readonly bills: ReadonlyMap<string, Bill>;
  readonly imbalanceNano: bigint;
  readonly usageNano: bigint;
}

/** Everything that the ledger's database says at one moment, also while it posts. */
export async function readBooks(postgresUrl: string): Promise<Books> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const events = await client.query<Record<string, string>>(
      `SELECT generation_id, provider, model, prompt_tokens, completion_tokens, cost_nano, outcome
       FROM usage_events`,
    );
    const sums = await client.query<{ imbalance: string; usage: string }>(
      `SELECT (SELECT coalesce(sum(amount_nano), 0) FROM entries)::text AS imbalance,
              (SELECT coalesce(sum(usage_nano), 0) FROM account_balances)::text AS usage`,
    );
    await client.query("COMMIT");
    return {
      bills: new Map(
        events.rows.map((row) => [
          row.generation_id ?? "",
          {
            provider: row.provider ?? "",
            model: row.model ?? "",
            promptTokens: BigInt(row.prompt_tokens ?? 0),
            completionTokens: BigInt(row.completion_tokens ?? 0),
            costNano: BigInt(row.cost_nano ?? 0),
            outcome: Number(row.outcome),
          },
        ]),
      ),
      imbalanceNano: BigInt(sums.rows[0]?.imbalance ?? 1),
      usageNano: BigInt(sums.rows[0]?.usage ?? 0),
    };
  } finally {
    await client.end();
  }
}

export type Served = ReadonlyMap<string, RequestRecord>;

/** What the simulator served, by generation: the last attempt of each is the one that answered. */
export async function readServed(simulatorUrl: string): Promise<Served> {
  const served = new Map<string, RequestRecord>();
  let since = 0;
  for (;;) {
    const response = await fetch(`${simulatorUrl}/control/requests?since=${since}&limit=10000`);
    const records = (await response.json()) as RequestRecord[];
    for (const record of records) {
      const generation = /^(gen-\d+-\w+)-\d+$/.exec(record.id)?.[1];
      if (generation !== undefined) {
        served.set(generation, record);
      }
      since = Math.max(since, record.sequence);
    }
    if (records.length === 0) {
      return served;
    }
  }
}
