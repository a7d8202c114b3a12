import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { Logger } from "@fairlead/kit";
import {
  type UsageBatch,
  UsageBatchSchema,
  UsageEventSchema,
} from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DeliverUsage, UsageOutbox } from "./usage-outbox.ts";
import { UsageSpool } from "./usage-spool.ts";

const ignore = () => undefined;
const logger = { info: ignore, warn: ignore, error: ignore } as unknown as Logger;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-spool-"));
});
afterEach(() => rm(folder, { recursive: true }));

const event = (id: number) => create(UsageEventSchema, { generationId: `gen-${id}` });

/** A place that can be switched off. */
function createPlace() {
  const place = {
    isUp: true,
    batches: [] as UsageBatch[],
    deliver: (async (batch) => {
      await Promise.resolve();
      if (!place.isUp) {
        throw new AppError("unavailable", "down");
      }
      place.batches.push(batch);
    }) satisfies DeliverUsage,
    ids: () => place.batches.flatMap(({ events }) => events.map((it) => it.generationId)),
  };
  return place;
}

async function setUp(bytesMax = 1_000_000) {
  const bus = createPlace();
  const ledger = createPlace();
  const spool = await UsageSpool.open({ folder, bytesMax });
  const ways = [bus.deliver, ledger.deliver];
  const outbox = new UsageOutbox({ source: "test", ways, spool, logger, replayMs: 10 });
  return { bus, ledger, spool, outbox };
}

describe("UsageOutbox", () => {
  it("gathers, delivers in order in batches of 500, and tells each witness once", async () => {
    const { bus, outbox } = await setUp();
    const told: string[][] = [];
    const witness = { acknowledge: (ids: string[]) => void told.push(ids) };
    for (let id = 0; id < 1_200; id += 1) {
      outbox.add(event(id), id % 2 === 0 ? witness : undefined);
    }
    await outbox.flush();
    expect(bus.batches.map(({ events }) => events.length)).toEqual([500, 500, 200]);
    expect(bus.ids()).toEqual(Array.from({ length: 1_200 }, (_, id) => `gen-${id}`));
    expect(told.map(({ length }) => length)).toEqual([250, 250, 100]);
    await outbox.close();
  });

  it("goes to the ledger when the bus is down, and tells the witness then", async () => {
    const { bus, ledger, outbox } = await setUp();
    bus.isUp = false;
    const told: string[] = [];
    outbox.add(event(1), { acknowledge: (ids) => void told.push(...ids) });
    await outbox.flush();
    expect(ledger.ids()).toEqual(["gen-1"]);
    expect(told).toEqual(["gen-1"]);
  });

  it("waits on disk when both are down, over a restart, and then delivers all", async () => {
    const { bus, ledger, spool, outbox } = await setUp();
    bus.isUp = false;
    ledger.isUp = false;
    outbox.add(event(1), undefined);
    await outbox.flush();
    outbox.add(event(2), undefined);
    await outbox.flush();
    expect(spool.files).toBe(2);
    expect(outbox.lost).toBe(0);

    const next = await setUp();
    expect(next.spool.files).toBe(2);
    next.outbox.start();
    while (next.spool.files > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(next.bus.ids()).toEqual(["gen-1", "gen-2"]);
    await next.outbox.close();
  });

  it("counts what no place takes", async () => {
    const { bus, ledger, outbox } = await setUp(1);
    bus.isUp = false;
    ledger.isUp = false;
    outbox.add(event(1), undefined);
    await outbox.flush();
    expect(outbox.lost).toBe(1);
  });

  it("puts what cannot be read aside, so that it does not hold up the rest", async () => {
    await writeFile(join(folder, "0-broken.usage"), "not protobuf");
    const { bus, outbox, spool } = await setUp();
    await spool.append(create(UsageBatchSchema, { events: [event(7)] }));
    outbox.start();
    while (bus.ids().length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(bus.ids()).toEqual(["gen-7"]);
    await outbox.close();
    expect(await readdir(folder)).toEqual(["0-broken.usage.refused"]);
  });
});
