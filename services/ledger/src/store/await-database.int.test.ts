import { createPool } from "@fairlead/db";
import { startPostgres, type TestPostgres } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logger } from "../testing/test-ledger.ts";
import { awaitDatabase } from "./await-database.ts";
import { migrateDatabase, openDatabase } from "./open-database.ts";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => {
  await postgres.stop();
});

function open(url = postgres.url) {
  const sizes = { poolMax: 2, statementTimeoutMs: 5_000 };
  return openDatabase({ url, logger, isDisposable: true, ...sizes });
}

describe("the start of a ledger", () => {
  it("says what is missing while there is no schema, and goes on once it is there", async () => {
    const reasons: string[] = [];
    const onWait = (reason: string) => reasons.push(reason);
    const opening = awaitDatabase(() => open(), { waitMs: 20_000, logger, onWait });
    const reason = /schema is too old: 0001-books\.sql is not applied\. Run the migrations first/;
    await expect.poll(() => reasons).toEqual([expect.stringMatching(reason)]);
    const address = { url: postgres.url, logger, isDisposable: true };
    // Two installs at once do not race.
    await Promise.all([migrateDatabase(address), migrateDatabase(address)]);
    const pool = await opening;
    expect((await pool.query("SELECT count(*)::integer AS n FROM accounts")).rows[0].n).toBe(0);
    await pool.end();
  });

  it("works on the schema of a later version, and migrates nothing back", async () => {
    const limits = { max: 1, statementTimeoutMs: 5_000 };
    const admin = createPool({ url: postgres.url, applicationName: "test", logger, ...limits });
    await admin.query(
      "INSERT INTO schema_migrations (version, name, checksum) VALUES (999, '0999-later.sql', 'x')",
    );
    await admin.query("ALTER TABLE accounts ADD COLUMN later text");
    await migrateDatabase({ url: postgres.url, logger, isDisposable: true });
    await (await open()).end();
    const { rows } = await admin.query("SELECT name FROM schema_migrations WHERE version = 999");
    expect(rows).toEqual([{ name: "0999-later.sql" }]);
    await admin.end();
  });

  it("does not wait for what no time mends", async () => {
    const url = new URL(postgres.url);
    url.pathname = "/no_such_database";
    const begunMs = performance.now();
    const opening = awaitDatabase(() => open(url.href), { waitMs: 20_000, logger });
    await expect(opening).rejects.toThrow(/has no database "no_such_database"/);
    // Not after the minute that the other one would wait.
    expect(performance.now() - begunMs).toBeLessThan(30_000);
  });

  it("gives up in time, and at once when the process is stopped", async () => {
    const url = "postgres://nobody@127.0.0.1:1/none";
    const begunMs = performance.now();
    const tired = awaitDatabase(() => open(url), { waitMs: 1_200, logger });
    await expect(tired).rejects.toThrow(/no Postgres answers/);
    // Not after the minute that the other one would wait.
    expect(performance.now() - begunMs).toBeLessThan(30_000);
    const { signal } = stopSoon();
    const stopped = awaitDatabase(() => open(url), { waitMs: 60_000, logger, signal });
    await expect(stopped).rejects.toThrow(/aborted/);
  });
});

function stopSoon(): AbortController {
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 300);
  return stopping;
}
