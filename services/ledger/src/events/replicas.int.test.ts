import { create } from "@bufbuild/protobuf";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import type { Pool } from "@fairlead/db";
import { KeysChangedSchema } from "@fairlead/proto/events/v1/events";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { startNats, type TestNats } from "@fairlead/testing";
import { metrics } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import { createStores } from "../store/create-stores.ts";
import { countFailedDrains } from "../testing/count-failed-drains.ts";
import { mapInGroups } from "../testing/map-in-groups.ts";
import { createEvent, logger, startTestLedger, type TestLedger } from "../testing/test-ledger.ts";
import { BusDuties } from "./bus-duties.ts";
import { LeaseSweeper } from "./lease-sweeper.ts";
import type { UsagePoster } from "./usage-poster.ts";

const BATCHES = 200;
const EVENTS = 5;
const LEASES = 1_200;
const ANNOUNCEMENTS = 300;
/** Messages in one transaction of the relay. */
const DRAIN_MAX = 100;
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

interface Replica {
  readonly duties: BusDuties;
  /** Generations that were handed to it, as often as they were. */
  readonly handled: string[];
  /** Of them, how many it posted: the others were in the books. */
  posted(): number;
  stop(): Promise<void>;
}

/** All that a replica does on its own account, with connections of its own. */
async function startReplica(): Promise<Replica> {
  const stopping = new AbortController();
  const address = { url: ledger.url, logger, isDisposable: true };
  const pool: Pool = await openDatabase({ ...address, poolMax: 4, statementTimeoutMs: 20_000 });
  const handled: string[] = [];
  let posted = 0;
  const poster = Object.create(ledger.poster) as UsagePoster;
  poster.post = async (events, options) => {
    handled.push(...events.map(({ generationId }) => generationId));
    const summary = await ledger.poster.post(events, options);
    posted += summary.posted;
    return summary;
  };
  const { usage: store } = ledger.stores;
  const { signal } = stopping;
  const { url } = nats;
  const duties = new BusDuties({ url, replicas: 1, pool, poster, store, logger, signal });
  await vi.waitFor(() => expect(duties.isConnected).toBe(true), PATIENCE);
  return {
    duties,
    handled,
    posted: () => posted,
    async stop() {
      stopping.abort();
      await duties.close();
      await pool.end();
    },
  };
}

describe("two replicas of the ledger", () => {
  it("share the usage: each event is posted by one of them, also while one drains", async () => {
    const payer = await ledger.addPayer(1_000_000n);
    const [one, two] = [await startReplica(), await startReplica()];
    let published = 0;
    const publish = async () => {
      published += 1;
      const batch = published;
      const events = Array.from({ length: EVENTS }, (_, index) =>
        createEvent(payer, 1n, { generationId: `gen-${batch}-${index}` }),
      );
      const message = create(UsageBatchSchema, { events, source: "test" });
      const options = { messageId: `batch-${batch}`, timeoutMs: 5_000 };
      await bus.publishDurable(UsageBatchSchema, subjects.usage(0), message, options);
    };
    // A replica is connected before it consumes: from here on, both do.
    await vi.waitFor(async () => {
      await publish();
      expect(one.handled.length).toBeGreaterThan(0);
      expect(two.handled.length).toBeGreaterThan(0);
    }, PATIENCE);
    let left = BATCHES;
    const publishRest = async () => {
      while (left > 0) {
        left -= 1;
        const isTime = left === BATCHES / 4;
        await publish();
        if (isTime) {
          await one.stop();
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, publishRest));
    const total = published * EVENTS;
    await vi.waitFor(async () => {
      const credits = await ledger.stores.accounts.readCredits(payer.accountId);
      expect(credits?.totalUsageNano).toBe(BigInt(total));
    }, PATIENCE);
    await two.stop();
    expect(one.posted() + two.posted()).toBe(total);
    expect(Math.min(one.posted(), two.posted())).toBeGreaterThan(0);
    const handled = [...one.handled, ...two.handled];
    expect(new Set(handled).size).toBe(total);
    // Some may be delivered again, after a pause of this process; if both got all, nearly twice as
    // many.
    expect(handled.length).toBeLessThan(1.5 * total);
    expect(await ledger.stores.checkBooks()).toMatchObject({ imbalanceNano: 0n, wrongBalances: 0 });
  });

  it("send each announcement of the outbox, and again only when the broker did not confirm it", async () => {
    const announced: string[] = [];
    bus.subscribe(KeysChangedSchema, subjects.keysChanged, (it) => announced.push(...it.keyIds));
    await bus.flush(5_000);
    const failedDrains = countFailedDrains();
    const replicas = [await startReplica(), await startReplica()];
    const payers = await mapInGroups(Array.from({ length: ANNOUNCEMENTS }), 4, async () => {
      const payer = await ledger.addPayer(0n);
      for (const { duties } of replicas) {
        duties.wakeRelay();
      }
      return payer;
    });
    await vi.waitFor(async () => {
      const { rows } = await ledger.pool.query("SELECT count(*)::integer AS n FROM outbox");
      expect(rows[0].n).toBe(0);
    }, PATIENCE);
    await Promise.all(replicas.map((replica) => replica.stop()));
    // What the replicas sent is before this on the connection.
    await bus.flush(5_000);
    const ours = new Set(payers.map(({ keyId }) => keyId));
    // The keys of the tests before may be announced only now.
    const heard = () => announced.filter((keyId) => ours.has(keyId));
    await vi.waitFor(() => expect(new Set(heard())).toEqual(ours), PATIENCE);
    expect(heard().length - ours.size).toBeLessThanOrEqual(failedDrains() * DRAIN_MAX);
  });

  it("expire each lease once when they sweep at the same moment", async () => {
    const payer = await ledger.addPayer(1_000_000n);
    const { pool, clock, stores } = ledger;
    await Promise.all(
      Array.from({ length: LEASES }, (_, index) =>
        stores.leases.take({
          ...payer,
          leaseId: `lease-${index}`,
          gatewayId: "gone",
          wantNano: 10n,
          needNano: 10n,
          expiresAtMs: clock.nowMs + 1_000,
          isSingle: false,
        }),
      ),
    );
    clock.nowMs += 10_000;
    const before = await ledger.stores.checkBooks();
    const leases = createStores(pool, () => clock.nowMs).leases;
    const expired: bigint[] = [];
    const expire = leases.expire.bind(leases);
    leases.expire = async (...arguments_) => {
      const result = await expire(...arguments_);
      expired.push(result.leases);
      return result;
    };
    const meter = metrics.getMeter("test");
    const periods = { graceMs: 0, releaseMs: 3_600_000 };
    const sweepers = Array.from(
      { length: 2 },
      () => new LeaseSweeper({ leases, logger, meter, now: () => clock.nowMs, ...periods }),
    );
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(expired.reduce((sum, count) => sum + count, 0n)).toBe(BigInt(LEASES));
    expect(expired.filter((count) => count > 0n).length).toBeGreaterThan(1);
    const after = await ledger.stores.checkBooks();
    expect(after).toMatchObject({ wrongBalances: 0, usageEvents: before.usageEvents });
  });
});
