import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { integerArray, type Pool, query, textArray } from "@fairlead/db";
import { type Price, PriceSchema } from "@fairlead/proto/pricing/v1/price";
import { type UsageEvent, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import type { AssessedEvent } from "../domain/assess-event.ts";
import { retryConflict } from "./retry-conflict.ts";
import { packUsage } from "./pack-usage.ts";

export interface PostResult {
  /** Events that were new. */
  readonly posted: number;
  /** Charged beyond any credit: the platform's loss. */
  readonly overspentNano: bigint;
  /** Paid out of suspense: bills that came after their lease had expired. */
  readonly lateNano: bigint;
  /** Leases whose events do not sum to what their gateway stated. */
  readonly gaps: number;
  /** When any is here, nothing was posted. */
  readonly unknownAccounts: readonly string[];
}

export interface PoisonEvent {
  readonly source: string;
  readonly reason: string;
  readonly generationId: string;
  readonly payload: Uint8Array;
}

/** Usage events and their prices in Postgres. */
export class UsageStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Posts each event exactly once, all in one transaction; repeats change nothing. */
  async post(events: readonly AssessedEvent[]): Promise<PostResult> {
    const { accounts, texts, numbers } = packUsage(events);
    const values = [textArray(accounts), textArray(texts), integerArray(numbers)];
    const [row] = await retryConflict(() =>
      query<PostRow>(this.#pool, {
        name: "post-usage",
        text: "SELECT * FROM post_usage($1, $2, $3)",
        values,
      }),
    );
    return {
      posted: Number(row?.r_posted ?? 0n),
      overspentNano: row?.r_overspent_nano ?? 0n,
      lateNano: row?.r_late_nano ?? 0n,
      gaps: Number(row?.r_gaps ?? 0n),
      unknownAccounts: row?.r_unknown_accounts ?? [],
    };
  }

  async savePrices(prices: ReadonlyMap<string, Price>): Promise<void> {
    await query(this.#pool, {
      name: "save-prices",
      text: `INSERT INTO prices (version, price)
        SELECT * FROM unnest($1::text[], $2::text[]::jsonb[]) ON CONFLICT DO NOTHING`,
      values: [textArray([...prices.keys()]), textArray([...prices.values()].map(encodePrice))],
    });
  }

  async savePoison(events: readonly PoisonEvent[]): Promise<void> {
    await query(this.#pool, {
      name: "save-poison",
      text: `INSERT INTO poison_events (source, reason, generation_id, payload)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
        ON CONFLICT DO NOTHING`,
      values: [
        textArray(events.map((event) => event.source.slice(0, 200))),
        textArray(events.map((event) => event.reason)),
        textArray(events.map((event) => event.generationId.slice(0, 200))),
        events.map((event) => Buffer.from(event.payload)),
      ],
    });
  }
}

export function encodePoison(event: UsageEvent): Uint8Array {
  return encode(UsageEventSchema, event);
}

function encodePrice(price: Price): string {
  const { rates, tiers } = toJson(PriceSchema, price) as JsonObject;
  return JSON.stringify({ rates: rates ?? {}, tiers: tiers ?? [] });
}

interface PostRow {
  readonly r_posted: bigint;
  readonly r_overspent_nano: bigint;
  readonly r_late_nano: bigint;
  readonly r_gaps: bigint;
  readonly r_unknown_accounts: string[] | null;
}
