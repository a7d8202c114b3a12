import { create } from "@bufbuild/protobuf";
import { connectBus, subjects } from "@fairlead/bus";
import { createLogger } from "@fairlead/kit";
import {
  KeysChangedSchema,
  LeaseRecallSchema,
  WorkerAnnouncementSchema,
} from "@fairlead/proto/events/v1/events";
import { UsageBatchSchema, UsageEventSchema } from "@fairlead/proto/usage/v1/usage";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deliverByBus } from "./deliver-usage.ts";
import { subscribeEvents } from "./subscribe-events.ts";

const logger = createLogger({ service: "test", level: "silent" });
let nats: TestNats;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());

describe("the gateway on a real bus", () => {
  it("hears of workers, keys and leases", async () => {
    const bus = await connectBus({ url: nats.url, name: "gateway", logger });
    const other = await connectBus({ url: nats.url, name: "other", logger });
    const workers = { announce: vi.fn() };
    const keys = { forget: vi.fn() };
    const leases = { recall: vi.fn() };
    const catalog = { expire: vi.fn() };
    subscribeEvents(bus, { workers, keys, leases, catalog });
    const worker = create(WorkerAnnouncementSchema, { worker: "w" });
    const changed = create(KeysChangedSchema, { keyIds: ["k"], accountId: "a" });
    const recall = create(LeaseRecallSchema, { leaseIds: ["l"], accountId: "a" });
    // Again and again, for the subscriptions may get to the server after what is published.
    const tell = () => {
      other.publish(WorkerAnnouncementSchema, subjects.worker, worker);
      other.publish(KeysChangedSchema, subjects.keysChanged, changed);
      other.publish(LeaseRecallSchema, subjects.leaseRecall, recall);
      return [workers.announce, keys.forget, leases.recall].map((it) => it.mock.calls[0]?.length);
    };
    await expect.poll(tell).toEqual([1, 2, 2]);
    expect(workers.announce).toHaveBeenCalledWith(expect.objectContaining({ worker: "w" }));
    expect(keys.forget).toHaveBeenCalledWith(["k"], "a");
    expect(leases.recall).toHaveBeenCalledWith(["l"], "a");
    await Promise.all([bus.close(), other.close()]);
  });

  it("leaves bills in the stream, and says so when there is none to take them", async () => {
    const bus = await connectBus({ url: nats.url, name: "gateway", logger });
    const deliver = deliverByBus(bus, "gateway-1");
    const events = [create(UsageEventSchema, { generationId: "gen-1" })];
    const batch = create(UsageBatchSchema, { events, source: "gateway-1" });
    await expect(deliver(batch)).rejects.toMatchObject({ code: "unavailable" });
    await bus.ensureStreams(1);
    await deliver(batch);
    await bus.close();
    await expect(deliver(batch)).rejects.toMatchObject({ code: "unavailable" });
  });
});
