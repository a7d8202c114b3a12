import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEvent, startTestLedger, type TestLedger } from "../testing/test-ledger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await startTestLedger();
  const payer = await ledger.addPayer(1_000n);
  const event = createEvent(payer, 10n, { generationId: "gen-1" });
  await ledger.poster.post([event], { source: "test" });
});

afterAll(async () => {
  await ledger.close();
});

const forbidden = ["entries", "movements", "credits", "usage_events"].flatMap((table) => [
  `DELETE FROM ${table}`,
  `TRUNCATE ${table} CASCADE`,
]);

describe("the books", () => {
  it("are kept under the restricted role, even when a superuser logs in", async () => {
    const { rows } = await ledger.pool.query("SELECT current_user AS role, session_user AS login");
    expect(rows[0].role).toBe("fairlead_ledger");
    expect(rows[0].login).not.toBe("fairlead_ledger");
  });

  it.each([
    ...forbidden,
    "UPDATE entries SET amount_nano = 1",
    "UPDATE usage_events SET cost_nano = 0",
  ])("refuse the runtime role: %s", async (sql) => {
    await expect(ledger.pool.query(sql)).rejects.toMatchObject({ code: "42501" });
  });

  it.each([...forbidden, "UPDATE entries SET amount_nano = 1"])(
    "refuse even their owner: %s",
    async (sql) => {
      const client = await ledger.pool.connect();
      try {
        await client.query("RESET ROLE");
        await expect(client.query(sql)).rejects.toThrow(/append-only/);
      } finally {
        client.release(true);
      }
    },
  );

  it("refuse entries that do not sum to zero", async () => {
    await expect(
      ledger.pool.query(
        "INSERT INTO entries VALUES (1, 'platform', 'promo', 5), (1, 'platform', 'suspense', -4)",
      ),
    ).rejects.toThrow(/do not sum to zero/);
  });

  it("refuse a balance below zero", async () => {
    await expect(
      ledger.pool.query("UPDATE account_balances SET available_nano = available_nano - 10000"),
    ).rejects.toMatchObject({ code: "23514" });
  });

  it("hold no text of a key", async () => {
    const { rows } = await ledger.pool.query(
      "SELECT label, octet_length(key_hmac) AS n FROM api_keys",
    );
    expect(rows.every((row) => row.n === 32 && row.label.length < 25)).toBe(true);
  });
});
