import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@fairlead/kit";
import { startPostgres, type TestPostgres } from "@fairlead/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { integerArray, textArray } from "./array-literal.ts";
import { checkServer } from "./check-server.ts";
import { isCheckViolation, isUniqueViolation } from "./database-error.ts";
import { requireSchema, runMigrations } from "./migrate.ts";
import { createPool, type Pool } from "./pool.ts";
import { query } from "./query.ts";
import { inTransaction } from "./transaction.ts";

const logger = createLogger({ service: "test", level: "silent" });
const isDisposable = true;

let postgres: TestPostgres;
let pool: Pool;

function openPool(url: string, statementTimeoutMs = 5_000): Pool {
  return createPool({ url, max: 4, applicationName: "test", statementTimeoutMs, logger });
}

beforeAll(async () => {
  postgres = await startPostgres();
  pool = openPool(postgres.url);
});

afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

describe("the server's check", () => {
  it("accepts a primary", async () => {
    await checkServer(pool, postgres.url, { isDisposable });
  });

  it.each([
    ["postgres://user:hunter2@127.0.0.1:1/db", /no Postgres answers at 127\.0\.0\.1:1/],
    ["postgres://user:hunter2@no-such-host.invalid/db", /no Postgres answers/],
  ])("says in one sentence that %s does not answer, without the password", async (url, text) => {
    const unreachable = openPool(url);
    const error = await checkServer(unreachable, url).catch((cause: Error) => cause);
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringMatching(text) });
    expect(String(error)).toContain("DATABASE_URL");
    expect(String(error)).not.toContain("hunter2");
    await unreachable.end();
  });

  it("names a database that is not there", async () => {
    const url = new URL(postgres.url);
    url.pathname = "/nowhere";
    const missing = openPool(url.href);
    await expect(checkServer(missing, url.href)).rejects.toThrow(/no database "nowhere"/);
    await missing.end();
  });

  it("refuses an address of another kind", () => {
    expect(() => openPool("mysql://x")).toThrow(/DATABASE_URL must look like/);
  });
});

describe("queries", () => {
  it("give bigint for int8 and read the array literals", async () => {
    const texts = ["plain, {brace}", 'quote " and \\ slash', "", "null", "nul\0gone", "äß💰"];
    const [row] = await query<{ texts: string[]; sum: bigint }>(pool, {
      text: "SELECT $1::text[] AS texts, (SELECT sum(n)::bigint FROM unnest($2::bigint[]) n) AS sum",
      values: [textArray(texts), integerArray([2n ** 53n, 1])],
    });
    expect(row).toEqual({ texts: texts.with(4, "nulgone"), sum: 2n ** 53n + 1n });
    const [empty] = await query(pool, {
      text: "SELECT cardinality($1::text[]) + cardinality($2::bigint[]) AS n",
      values: [textArray([]), integerArray([])],
    });
    expect(empty).toEqual({ n: 0 });
  });

  it("become unavailable when they take too long", async () => {
    const slow = openPool(postgres.url, 100);
    const sleeping = query(slow, { text: "SELECT pg_sleep(5)" });
    await expect(sleeping).rejects.toMatchObject({ code: "unavailable" });
    await slow.end();
  });
});

describe("transactions", () => {
  beforeEach(async () => {
    await pool.query("CREATE TABLE boxes (id integer PRIMARY KEY, n integer CHECK (n >= 0))");
    await pool.query("INSERT INTO boxes VALUES (1, 0), (2, 0)");
  });

  afterEach(async () => {
    await pool.query("DROP TABLE boxes");
  });

  it("run again after a deadlock until both pass", async () => {
    let runs = 0;
    let held = 0;
    const bothHold = Promise.withResolvers<void>();
    const move = (first: number, second: number) =>
      inTransaction(pool, async (client) => {
        runs += 1;
        await client.query("UPDATE boxes SET n = n + 1 WHERE id = $1", [first]);
        held += 1;
        if (held === 2) {
          bothHold.resolve();
        }
        await bothHold.promise;
        await client.query("UPDATE boxes SET n = n + 1 WHERE id = $1", [second]);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    const { rows } = await pool.query("SELECT n FROM boxes");
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it("run again after a serialization failure", async () => {
    const add = () =>
      inTransaction(
        pool,
        async (client) => {
          const { rows } = await client.query("SELECT n FROM boxes WHERE id = 1");
          await client.query("UPDATE boxes SET n = $1 WHERE id = 1", [rows[0].n + 1]);
        },
        { isolation: "serializable" },
      );
    await Promise.all([add(), add(), add()]);
    const { rows } = await pool.query("SELECT n FROM boxes WHERE id = 1");
    expect(rows).toEqual([{ n: 3 }]);
  });

  it("leave nothing behind when the work throws, and give errors that can be told apart", async () => {
    const insert = "INSERT INTO boxes VALUES (3, 0)";
    const failing = inTransaction(pool, async (client) => {
      await client.query(insert);
      await client.query("UPDATE boxes SET n = -1 WHERE id = 1");
    });
    expect(isCheckViolation(await failing.catch((error: unknown) => error))).toBe(true);
    await pool.query(insert);
    const again = await pool.query(insert).catch((error: unknown) => error);
    expect(isUniqueViolation(again)).toBe(true);
  });
});

describe("a connection that ends", () => {
  it("fails the transaction that holds it, between two statements too, and not the process", async () => {
    const work = inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      client.once("end", resolve);
      await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await ended;
      await client.query("SELECT 1");
    });
    await expect(work).rejects.toMatchObject({ code: "unavailable" });
    await expect(pool.query("SELECT 1")).resolves.toBeDefined();
  });
});

describe("migrations", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migrations-"));
    await writeFile(join(folder, "0001-first.sql"), "CREATE TABLE first (id integer);");
    await writeFile(join(folder, "0002-second.sql"), "CREATE TABLE second (id integer);");
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
    await pool.query("DROP TABLE IF EXISTS schema_migrations, first, second, third");
  });

  it("are applied once by however many start together", async () => {
    await expect(requireSchema(pool, folder)).rejects.toThrow(/0001-first\.sql is not applied/);
    const applied = await Promise.all([1, 2, 3].map(() => runMigrations(pool, folder)));
    expect(applied.flat().sort()).toEqual(["0001-first.sql", "0002-second.sql"]);
    await requireSchema(pool, folder);
  });

  it("refuse a file that was changed after it was applied", async () => {
    await runMigrations(pool, folder);
    await writeFile(join(folder, "0001-first.sql"), "CREATE TABLE first (id bigint);");
    await expect(runMigrations(pool, folder)).rejects.toThrow(/0001-first\.sql was changed/);
    await expect(requireSchema(pool, folder)).rejects.toThrow(/was changed/);
  });

  it("apply nothing of a file that fails, and keep the ones before it", async () => {
    await writeFile(join(folder, "0003-third.sql"), "CREATE TABLE third (id integer); SELECT 1/0;");
    await expect(runMigrations(pool, folder)).rejects.toThrow(/0003-third\.sql failed/);
    const { rows } = await pool.query(
      "SELECT to_regclass('third') AS third, count(*)::integer AS n FROM schema_migrations",
    );
    expect(rows).toEqual([{ third: null, n: 2 }]);
  });

  it("refuse a gap in the numbers", async () => {
    await writeFile(join(folder, "0004-fourth.sql"), "SELECT 1;");
    await expect(runMigrations(pool, folder)).rejects.toThrow(/should have the number 3/);
  });
});
