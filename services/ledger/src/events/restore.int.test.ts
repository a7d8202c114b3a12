import { connect } from "node:net";
import { create } from "@bufbuild/protobuf";
import { connectBus, streams, subjects } from "@fairlead/bus";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createEvent, logger, startTestLedger, type TestLedger } from "../testing/test-ledger.ts";
import { BusDuties } from "./bus-duties.ts";
import { USAGE_CONSUMER } from "./consume-usage.ts";

const BATCHES = 10;
const EVENTS = 40;
const CREDIT_NANO = 1_000_000n;
const USAGE_NANO = BigInt(BATCHES * EVENTS);
const REPLY = "restore.reply";

let before: TestLedger;
let restored: TestLedger;
let nats: TestNats;

beforeAll(async () => {
  [before, restored, nats] = await Promise.all([startTestLedger(), startTestLedger(), startNats()]);
});

afterAll(async () => {
  await nats.stop();
  await before.close();
  await restored.close();
});

/** Until all usage is posted, and the stream's last message is acknowledged. */
async function consumeAll({ pool, poster, stores }: TestLedger, accountId: string): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const store = stores.usage;
  const duties = new BusDuties({ url: nats.url, replicas: 1, pool, poster, store, logger, signal });
  await vi.waitFor(
    async () => {
      const credits = await stores.accounts.readCredits(accountId);
      expect(credits?.totalUsageNano).toBe(USAGE_NANO);
      expect(await callNats("INFO")).toMatch(/"num_ack_pending":0,.*"num_pending":0/);
    },
    { timeout: 20_000, interval: 50 },
  );
  stopping.abort();
  await duties.close();
}

/** As `nats consumer rm` and `nats consumer info` do. */
function callNats(call: "DELETE" | "INFO"): Promise<string> {
  const { hostname, port } = new URL(nats.url);
  const subject = `$JS.API.CONSUMER.${call}.${streams.usage}.${USAGE_CONSUMER}`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).setEncoding("utf8");
    let answer = "";
    socket.on("error", reject);
    socket.on("data", (text: string) => {
      answer += text;
      if (/\r\nMSG .*\r\n.*\r\n$/.test(answer)) {
        socket.destroy();
        resolve(answer);
      }
    });
    socket.write(
      `CONNECT {"verbose":false}\r\nSUB ${REPLY} 1\r\nPUB ${subject} ${REPLY} 0\r\n\r\n`,
    );
  });
}

it("a database restored to an earlier time gets the rest of its usage from the stream, once", async () => {
  const payer = await before.addPayer(CREDIT_NANO);
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    const events = Array.from({ length: EVENTS }, (__, index) =>
      createEvent(payer, 1n, { generationId: `gen-${batch}-${index}` }),
    );
    return create(UsageBatchSchema, { source: "test", events });
  });
  const bus = await connectBus({ url: nats.url, name: "test", logger });
  await bus.ensureStreams(1);
  for (const [index, batch] of batches.entries()) {
    const options = { messageId: `batch-${index}`, timeoutMs: 5_000 };
    await bus.publishDurable(UsageBatchSchema, subjects.usage(0), batch, options);
  }
  await bus.close();
  await consumeAll(before, payer.accountId);

  // As docs/operations.md says: the account under its old id, its credit, then the replay.
  const { pool, poster, stores } = restored;
  await pool.query(
    `WITH made AS (INSERT INTO accounts (account_id, name, idempotency_key)
       VALUES ($1, 'Team A', 'team-a') RETURNING account_id)
     INSERT INTO account_balances (account_id) SELECT account_id FROM made`,
    [payer.accountId],
  );
  const { accountId } = payer;
  const credit = { accountId, idempotencyKey: "invoice", reason: "entered again" };
  await stores.accounts.addCredits({ ...credit, amountNano: CREDIT_NANO });
  for (const batch of batches.slice(0, BATCHES / 2)) {
    await poster.post(batch.events, { source: "before the restore point" });
  }
  expect(await callNats("DELETE")).toContain('"success":true');
  await consumeAll(restored, accountId);
  expect(await stores.checkBooks()).toMatchObject({
    imbalanceNano: 0n,
    wrongBalances: 0,
    revenueNano: USAGE_NANO,
    usageEvents: USAGE_NANO,
  });
  const { rows } = await pool.query("SELECT available_nano FROM account_balances");
  expect(rows).toEqual([{ available_nano: CREDIT_NANO - USAGE_NANO }]);
});
