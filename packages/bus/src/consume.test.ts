import type { ConsumerMessages, JetStreamClient, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { create } from "@bufbuild/protobuf";
import { createLogger } from "@fairlead/kit";
import { encode } from "@fairlead/proto/wire";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBusCounts } from "./bus-metrics.ts";
import { startConsumption } from "./consume.ts";

const ensured = vi.hoisted(() => ({ consumers: { add: async () => ({}) } }));
vi.mock("@nats-io/jetstream", async (load) => ({
  ...(await load<object>()),
  jetstreamManager: async () => ensured,
}));

const ACK_WAIT_MS = 1_000;

/** Messages as the server sends them, until they are stopped. */
class Messages {
  readonly #queue: JsMsg[] = [];
  #wake = () => undefined as unknown;
  isStopped = false;

  push(message: JsMsg): void {
    this.#queue.push(message);
    this.#wake();
  }

  stop(): void {
    this.isStopped = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      for (const message of this.#queue.splice(0)) {
        yield message;
      }
      if (this.isStopped) {
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function createMessage() {
  const data = encode(UsageBatchSchema, create(UsageBatchSchema, { source: "test" }));
  const said = { ack: vi.fn(), nak: vi.fn(), working: vi.fn(), term: vi.fn() };
  const message = { ...said, data, subject: "s", redelivered: false, info: { deliveryCount: 1 } };
  return Object.assign(message as unknown as JsMsg, said);
}

/** A consumption whose connection and handler the test lets go on. */
function setUp() {
  const messages = new Messages();
  const opened = Promise.withResolvers<ConsumerMessages>();
  const handled = Promise.withResolvers<void>();
  const consume = vi.fn(() => opened.promise);
  const consumption = startConsumption(
    {
      connection: {} as NatsConnection,
      jetstream: { consumers: { get: async () => ({ consume }) } } as unknown as JetStreamClient,
      logger: createLogger({ service: "bus-test", level: "silent" }),
      counts: createBusCounts(() => true),
    },
    UsageBatchSchema,
    {
      stream: "s",
      durable: "d",
      subject: "s",
      batchMax: 1,
      ackWaitMs: ACK_WAIT_MS,
      onPoison: async () => undefined,
    },
    () => handled.promise,
  );
  const open = () => opened.resolve(messages as unknown as ConsumerMessages);
  return { consumption, consume, messages, open, handled };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets every promise that can go on do so. */
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a consumption that is closed", () => {
  it("while it connects stops what it then gets, and takes nothing of it", async () => {
    const { consumption, consume, messages, open } = setUp();
    await settle();
    expect(consume).toHaveBeenCalledOnce();
    await consumption.close();
    const message = createMessage();
    messages.push(message);
    open();
    await settle();
    expect(messages.isStopped).toBe(true);
    expect(message.ack).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(consume).toHaveBeenCalledOnce();
  });

  it("gives back what comes after", async () => {
    const { consumption, messages, open } = setUp();
    open();
    await settle();
    const closed = consumption.close();
    const message = createMessage();
    messages.push(message);
    await settle();
    await closed;
    expect(message.nak).toHaveBeenCalledOnce();
    expect(message.ack).not.toHaveBeenCalled();
  });

  it("keeps the batch in hand as its own until that is handled", async () => {
    const { consumption, messages, open, handled } = setUp();
    open();
    const message = createMessage();
    messages.push(message);
    await settle();
    const closed = consumption.close();
    await vi.advanceTimersByTimeAsync(ACK_WAIT_MS * 2);
    expect(message.working).toHaveBeenCalled();
    handled.resolve();
    await closed;
    expect(message.ack).toHaveBeenCalledOnce();
    message.working.mockClear();
    await vi.advanceTimersByTimeAsync(ACK_WAIT_MS * 2);
    expect(message.working).not.toHaveBeenCalled();
  });
});
