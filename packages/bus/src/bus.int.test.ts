import { create } from "@bufbuild/protobuf";
import { createLogger } from "@fairlead/kit";
import { AttemptBatchSchema, WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { startNats, type TestNats } from "@fairlead/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bus } from "./bus.ts";
import { connectBus } from "./connect-bus.ts";
import { streams, subjects } from "./subjects.ts";

const logger = createLogger({ service: "bus-test", level: "silent" });

let nats: TestNats;
let bus: Bus;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", logger, startTimeoutMs: 20_000 });
  await bus.ensureStreams(1);
});

afterAll(async () => {
  await bus?.close();
  await nats?.stop();
});

function usage(id: string) {
  return create(UsageBatchSchema, { source: "test", events: [{ generationId: id, costNano: 7n }] });
}

const noPoison = async () => {
  throw new Error("no poison was expected");
};

describe("connectBus", () => {
  it("says in one sentence, without the password, what to do when nothing answers", async () => {
    const url = "nats://user:hunter2@127.0.0.1:1";
    const failure = connectBus({ url, name: "test", logger, startTimeoutMs: 300 });
    await expect(failure).rejects.toThrow(/NATS_URL/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });
});

describe("the stream of bills", () => {
  it("reaches as far back as the last who said so wants, and no one else changes that", async () => {
    const raw = await connect({ servers: nats.url });
    const manager = await jetstreamManager(raw);
    const read = async () => (await manager.streams.info(streams.usage)).config;
    const days = (count: number) => count * 86_400 * 1_000_000_000;
    expect(await read()).toMatchObject({ max_bytes: 4 * 2 ** 30, max_age: days(14) });
    await bus.ensureStreams(1, { maxBytes: 2 ** 26, maxAgeDays: 3 });
    expect(await read()).toMatchObject({ max_bytes: 2 ** 26, max_age: days(3) });
    await bus.ensureStreams(1);
    expect(await read()).toMatchObject({ max_bytes: 2 ** 26, max_age: days(3) });
    await bus.ensureStreams(1, { maxBytes: 4 * 2 ** 30, maxAgeDays: 14 });
    await raw.close();
  });
});

describe("subscribe", () => {
  it("delivers typed messages with their trace context, and survives one that is not readable", async () => {
    const received: [string, string | undefined][] = [];
    const subscription = bus.subscribe(
      WorkerAnnouncementSchema,
      subjects.worker,
      (message, meta) => {
        received.push([message.worker, meta.traceparent]);
      },
    );
    const raw = await connect({ servers: nats.url });
    raw.publish(subjects.worker, new Uint8Array([0xff, 0xff, 0xff]));
    await raw.flush();
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    bus.publish(
      WorkerAnnouncementSchema,
      subjects.worker,
      create(WorkerAnnouncementSchema, { worker: "w1" }),
      {
        traceparent,
      },
    );
    await expect.poll(() => received).toEqual([["w1", traceparent]]);
    subscription.close();
    await raw.close();
  });
});

describe("publishDurable", () => {
  it("stores a message once however often its id is published", async () => {
    const seen: string[] = [];
    const publish = (id: string) =>
      bus.publishDurable(UsageBatchSchema, subjects.usage(4), usage(id), {
        messageId: `4${id}`,
        timeoutMs: 20_000,
      });
    await Promise.all([publish("a"), publish("a"), publish("a")]);
    await publish("b");
    const following = bus.follow(
      UsageBatchSchema,
      { stream: streams.usage, subjects: [subjects.usage(4)], sinceMs: 60_000 },
      (message) => void seen.push(message.events[0]?.generationId ?? ""),
    );
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["a", "b"]);
    following.close();
  });

  it("says so when no stream takes a message", async () => {
    const failure = bus.publishDurable(UsageBatchSchema, "fairlead.nowhere.v1", usage("x"), {
      messageId: "x",
      timeoutMs: 500,
    });
    await expect(failure).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("consume", () => {
  it("delivers again what a handler failed on, and not what it took", async () => {
    const seen: string[] = [];
    let failures = 1;
    const consumption = bus.consume(
      UsageBatchSchema,
      {
        stream: streams.usage,
        durable: "again",
        subject: subjects.usage(1),
        batchMax: 10,
        ackWaitMs: 5_000,
        onPoison: noPoison,
      },
      async (deliveries) => {
        if (failures > 0) {
          failures -= 1;
          throw new Error("database is away");
        }
        seen.push(
          ...deliveries.flatMap(({ message }) => message.events.map((event) => event.generationId)),
        );
      },
    );
    for (const id of ["gen-1", "gen-2", "gen-3"]) {
      await bus.publishDurable(UsageBatchSchema, subjects.usage(1), usage(id), {
        messageId: id,
        timeoutMs: 20_000,
      });
    }
    await expect
      .poll(() => seen.toSorted(), { timeout: 20_000 })
      .toEqual(["gen-1", "gen-2", "gen-3"]);
    await consumption.close();
  });

  it("goes on where the group stopped, and puts unreadable messages aside", async () => {
    const options = {
      stream: streams.usage,
      durable: "onward",
      subject: subjects.usage(2),
      batchMax: 10,
      ackWaitMs: 5_000,
    };
    const seen: string[] = [];
    const poison: number[] = [];
    const start = () =>
      bus.consume(
        UsageBatchSchema,
        { ...options, onPoison: async (_subject, data) => void poison.push(data.length) },
        async (deliveries) =>
          void seen.push(...deliveries.map(({ message }) => message.events[0]?.generationId ?? "")),
      );
    const first = start();
    await bus.publishDurable(UsageBatchSchema, subjects.usage(2), usage("a"), {
      messageId: "2a",
      timeoutMs: 20_000,
    });
    await expect.poll(() => seen).toEqual(["a"]);
    await first.close();
    const raw = await connect({ servers: nats.url });
    raw.publish(subjects.usage(2), new Uint8Array([0xff, 0xff, 0xff]));
    await raw.flush();
    await bus.publishDurable(UsageBatchSchema, subjects.usage(2), usage("b"), {
      messageId: "2b",
      timeoutMs: 20_000,
    });
    const second = start();
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["a", "b"]);
    await expect.poll(() => poison).toEqual([3]);
    await second.close();
    await raw.close();
  });
});

describe("a consumer whose settings have changed", () => {
  it("goes on with the new ones", async () => {
    const seen: string[] = [];
    const start = (ackWaitMs: number) =>
      bus.consume(
        UsageBatchSchema,
        {
          stream: streams.usage,
          durable: "changed",
          subject: subjects.usage(3),
          batchMax: 10,
          ackWaitMs,
          onPoison: noPoison,
        },
        async (deliveries) =>
          void seen.push(...deliveries.map(({ message }) => message.events[0]?.generationId ?? "")),
      );
    const publish = (id: string) =>
      bus.publishDurable(UsageBatchSchema, subjects.usage(3), usage(id), {
        messageId: `3${id}`,
        timeoutMs: 20_000,
      });
    const before = start(30_000);
    await publish("a");
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["a"]);
    await before.close();
    const after = start(5_000);
    await publish("b");
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["a", "b"]);
    await after.close();
  });
});

describe("follow", () => {
  it("begins with the recent past and goes on with what comes", async () => {
    const publish = (worker: string) =>
      bus.publish(
        AttemptBatchSchema,
        subjects.attempt("0123456789abcdef"),
        create(AttemptBatchSchema, { worker, endpointId: "0123456789abcdef" }),
      );
    publish("before");
    const seen: string[] = [];
    const following = bus.follow(
      AttemptBatchSchema,
      { stream: streams.health, subjects: [subjects.allAttempts], sinceMs: 60_000 },
      (message) => void seen.push(message.worker),
    );
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["before"]);
    publish("after");
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual(["before", "after"]);
    following.close();
  });
});
