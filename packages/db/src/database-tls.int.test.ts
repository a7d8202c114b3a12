import { createLogger } from "@fairlead/kit";
import {
  createCa,
  startPostgres,
  startTlsPostgres,
  type TestCa,
  type TestPostgres,
  type TlsServer,
} from "@fairlead/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkServer } from "./check-server.ts";
import { createPool, type Pool } from "./pool.ts";

const logger = createLogger({ service: "test", level: "silent" });
const isDisposable = true;

let ca: TestCa;
let stranger: TestCa;
let postgres: TlsServer;
let plain: TestPostgres;
const pools: Pool[] = [];

beforeAll(async () => {
  ca = createCa();
  stranger = createCa();
  plain = await startPostgres();
  postgres = await startTlsPostgres(ca.issue("localhost"));
});
afterEach(async () => {
  for (const pool of pools.splice(0)) {
    await pool.end();
  }
});
afterAll(async () => {
  await postgres?.stop();
  await plain?.stop();
  ca?.remove();
  stranger?.remove();
});

function open(url: string, caFile: string): Pool {
  const pool = createPool({
    url,
    caFile,
    max: 2,
    applicationName: "test",
    statementTimeoutMs: 5_000,
    logger,
  });
  pools.push(pool);
  return pool;
}

function check(url: string, caFile: string): Promise<void> {
  return checkServer(open(url, caFile), url, { isDisposable });
}

describe("a pool with DATABASE_TLS_CA", () => {
  it("speaks TLS with a server that the CA vouches for, whatever the address asks for", async () => {
    const pool = open(`${postgres.url}?sslmode=disable`, ca.caFile);
    const { rows } = await pool.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    expect(rows).toEqual([{ ssl: true }]);
  });

  it("refuses a server of another CA, and says why", async () => {
    await expect(check(postgres.url, stranger.caFile)).rejects.toThrow(
      /DATABASE_TLS_CA does not vouch for/,
    );
  });

  it("refuses a server of another name", async () => {
    const other = await startTlsPostgres(ca.issue("elsewhere.internal"));
    try {
      await expect(check(other.url, ca.caFile)).rejects.toThrow(/elsewhere\.internal/);
    } finally {
      await other.stop();
    }
  });

  it("refuses a server without TLS", async () => {
    await expect(check(plain.url, ca.caFile)).rejects.toThrow(/speaks no TLS/);
  });
});
