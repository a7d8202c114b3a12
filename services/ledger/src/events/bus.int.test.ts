import { create, toBinary } from "@bufbuild/protobuf";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { KeysChangedSchema, LeaseRecallSchema } from "@fairlead/proto/events/v1/events";
import { type UsageBatch, UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { countFailedDrains } from "../testing/count-failed-drains.ts";
import {
  createEvent,
  logger,
  type Payer,
  startTestLedger,
  type TestLedger,
} from "../testing/test-ledger.ts";
import { BusDuties } from "./bus-duties.ts";
import { LeaseRecaller } from "./lease-recaller.ts";
import type { UsagePoster } from "./usage-poster.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };

let ledger: TestLedger;
let nats: TestNats;
let bus: Bus;

beforeAll(async () => {
  [ledger, nats] = await Promise.all([startTestLedger(), startNats()]);
  bus = await connectBus({ url: nats.url, name: "test", logger });
  await bus.ensureStreams(1);
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
  await ledger.close();
});

function startDuties(poster: UsagePoster) {
  const stopping = new AbortController();
  const { pool, stores } = ledger;
  const duties = new BusDuties({
    url: nats.url,
    replicas: 1,
    pool,
    poster,
    store: stores.usage,
    logger,
    signal: stopping.signal,
  });
  return {
    duties,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await duties.close();
    },
  };
}

async function publish(batch: UsageBatch, messageId: string): Promise<void> {
  const options = { messageId, timeoutMs: 5_000 };
  await bus.publishDurable(UsageBatchSchema, subjects.usage(0), batch, options);
}

function createBatch(payer: Payer, name: string, size: number): UsageBatch {
  const events = Array.from({ length: size }, (_, index) =>
    createEvent(payer, 1n, { generationId: `gen-${name}-${index}` }),
  );
  return create(UsageBatchSchema, { events, source: name });
}

async function expectUsage(payer: Payer, usageNano: bigint): Promise<void> {
  await vi.waitFor(async () => {
    const credits = await ledger.stores.accounts.readCredits(payer.accountId);
    expect(credits?.totalUsageNano).toBe(usageNano);
  }, PATIENCE);
}

async function countEvents(payer: Payer): Promise<number> {
  const text = "SELECT count(*)::integer AS n FROM usage_events WHERE account_id = $1";
  const { rows } = await ledger.pool.query(text, [payer.accountId]);
  return rows[0].n;
}

describe("usage over the bus", () => {
  it("is posted once, though batches come twice and a consumer dies before its acknowledgement", async () => {
    const payer = await ledger.addPayer(1_000_000n);
    let deaths = 0;
    let acknowledged = 0;
    const mortal = Object.create(ledger.poster) as UsagePoster;
    mortal.post = async (events, options) => {
      const summary = await ledger.poster.post(events, options);
      if (deaths < 2) {
        deaths += 1;
        throw new Error("killed between commit and acknowledgement");
      }
      acknowledged += events.length;
      return summary;
    };
    await using _ = startDuties(mortal);
    for (let index = 0; index < 10; index += 1) {
      const batch = createBatch(payer, `bus-${index}`, 40);
      await publish(batch, `${index}-first`);
      // The same events under another id: beyond the broker's window, so to say.
      await publish(batch, `${index}-second`);
    }
    await expectUsage(payer, 400n);
    // Each of the twenty messages, those that were committed and not acknowledged among them.
    await vi.waitFor(() => expect(acknowledged).toBeGreaterThanOrEqual(800), PATIENCE);
    expect(deaths).toBe(2);
    await expectUsage(payer, 400n);
    expect(await countEvents(payer)).toBe(400);
    expect(await ledger.stores.checkBooks()).toMatchObject({ imbalanceNano: 0n, wrongBalances: 0 });
  });

  it("waits in the stream while the database fails, and is posted after", async () => {
    const payer = await ledger.addPayer(1_000_000n);
    let isBroken = true;
    let refusals = 0;
    const flaky = Object.create(ledger.poster) as UsagePoster;
    flaky.post = async (events, options) => {
      if (isBroken) {
        refusals += 1;
        throw new Error("no database");
      }
      return await ledger.poster.post(events, options);
    };
    await using _ = startDuties(flaky);
    await publish(createBatch(payer, "flaky", 7), "flaky");
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(1), PATIENCE);
    expect(await countEvents(payer)).toBe(0);
    isBroken = false;
    await expectUsage(payer, 7n);
  });

  it("puts an unreadable message aside and goes on", async () => {
    const payer = await ledger.addPayer(1_000n);
    await using _ = startDuties(ledger.poster);
    // As a UsageBatch, its first event begins with field number 0, which does not exist.
    const unreadable = create(KeysChangedSchema, { keyIds: ["\u0001"] });
    const options = { messageId: "bad", timeoutMs: 5_000 };
    await bus.publishDurable(KeysChangedSchema, subjects.usage(0), unreadable, options);
    await publish(createBatch(payer, "after-bad", 3), "after-bad");
    await expectUsage(payer, 3n);
    const text = "SELECT reason FROM poison_events WHERE payload = $1";
    const payload = Buffer.from(toBinary(KeysChangedSchema, unreadable));
    const { rows } = await ledger.pool.query(text, [payload]);
    expect(rows).toEqual([{ reason: expect.stringContaining("no UsageBatch") }]);
  });
});

describe("the outbox", () => {
  it("tells the gateways of new keys and recalls, and is empty afterwards", async () => {
    const changed: string[] = [];
    const recalled: string[] = [];
    bus.subscribe(KeysChangedSchema, subjects.keysChanged, (it) => changed.push(...it.keyIds));
    bus.subscribe(LeaseRecallSchema, subjects.leaseRecall, (it) => recalled.push(it.accountId));
    await bus.flush(5_000);
    const failedDrains = countFailedDrains();
    await using running = startDuties(ledger.poster);
    const payer = await ledger.addPayer(100n);
    const { pool, clock } = ledger;
    const onRecall = () => running.duties.wakeRelay();
    const recaller = new LeaseRecaller({ pool, logger, now: () => clock.nowMs, onRecall });
    recaller.recall(payer.accountId);
    recaller.recall(payer.accountId);
    await vi.waitFor(() => expect(changed).toContain(payer.keyId), PATIENCE);
    await vi.waitFor(() => expect(recalled).toContain(payer.accountId), PATIENCE);
    await vi.waitFor(async () => {
      const { rows } = await pool.query("SELECT count(*)::integer AS n FROM outbox");
      expect(rows[0].n).toBe(0);
    }, PATIENCE);
    // The second recall within the pause left nothing in the outbox.
    await running.duties.stopConsuming();
    await bus.flush(5_000);
    expect(recalled.length).toBeLessThanOrEqual(1 + failedDrains());
  });
});
