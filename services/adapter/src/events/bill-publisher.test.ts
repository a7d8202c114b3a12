import { createLogger } from "@fairlead/kit";
import { Outcome, type UsageBatch } from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noUsage } from "../domain/complete-usage.ts";
import { createTemplate } from "../testing/start-adapter.ts";
import { BillPublisher } from "./bill-publisher.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const facts = {
  ...noUsage,
  outcome: Outcome.CANCELLED,
  finishReason: "",
  nativeFinishReason: "",
  upstreamId: "",
  firstTokenMs: 1,
  durationMs: 2,
};

function createPublisher(billsMax = 1_000) {
  const stored: string[][] = [];
  let isRefusing = false;
  const publisher = new BillPublisher({
    bus: {
      async publishDurable(_schema, _subject, message) {
        if (isRefusing) {
          throw new Error("no stream");
        }
        stored.push((message as unknown as UsageBatch).events.map((it) => it.generationId));
      },
    },
    worker: "adapter-1",
    logger: createLogger({ service: "adapter", level: "silent" }),
    billsMax,
  });
  const add = (id: string) =>
    publisher.add({ attempt: 1, template: createTemplate(id), facts, settledAtMs: 0 });
  const refuse = (value: boolean) => {
    isRefusing = value;
  };
  return { publisher, stored, add, refuse };
}

describe("BillPublisher", () => {
  it("gathers what comes together into one message of at most 500", async () => {
    const { publisher, stored, add } = createPublisher();
    for (let index = 0; index < 600; index += 1) {
      add(`gen-${index}`);
    }
    expect(stored).toEqual([]);
    await vi.advanceTimersByTimeAsync(10);
    expect(stored.map((batch) => batch.length)).toEqual([500, 100]);
    expect(publisher.pending).toBe(0);
  });

  it("keeps bills, in their order, until the bus takes them", async () => {
    const { publisher, stored, add, refuse } = createPublisher();
    refuse(true);
    add("gen-1");
    await vi.advanceTimersByTimeAsync(500);
    add("gen-2");
    expect(await publisher.flush()).toBe(false);
    expect(publisher.pending).toBe(2);
    refuse(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stored).toEqual([["gen-1", "gen-2"]]);
  });

  it("gives up the oldest rather than grow, and what cannot be read", async () => {
    const { publisher, stored, add, refuse } = createPublisher(2);
    refuse(true);
    publisher.add({ attempt: 1, template: new Uint8Array([0xff]), facts, settledAtMs: 0 });
    for (const id of ["gen-1", "gen-2", "gen-3"]) {
      add(id);
    }
    refuse(false);
    await publisher.flush();
    expect(stored).toEqual([["gen-2", "gen-3"]]);
  });
});
