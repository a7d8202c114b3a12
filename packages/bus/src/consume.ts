import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Logger } from "@fairlead/kit";
import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamClient,
  type JsMsg,
  jetstreamManager,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { BusCounts } from "./bus-metrics.ts";
import { decode, type MessageMeta } from "./decode.ts";

const RETRY_MS = 500;
const NAK_DELAY_MS_MIN = 250;
const NAK_DELAY_MS_MAX = 10_000;
const NANO_PER_MS = 1_000_000;

export interface ConsumeOptions {
  readonly stream: string;
  /** Name under which the server remembers how far this group of consumers has come. */
  readonly durable: string;
  readonly subject: string;
  /** Most messages handed over at once. */
  readonly batchMax: number;
  /** A message not acknowledged for this long is delivered again, to anyone. */
  readonly ackWaitMs: number;
  /** Receives what cannot be decoded, before it is given up. */
  readonly onPoison: (subject: string, data: Uint8Array, error: unknown) => Promise<void>;
}

export interface Delivery<T extends DescMessage> {
  readonly message: MessageShape<T>;
  readonly meta: MessageMeta;
  readonly isRedelivered: boolean;
}

export interface Consumption {
  /** Takes no more messages; resolves when the batch in hand is done. */
  close(): Promise<void>;
}

export interface ConsumeDependencies {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly logger: Logger;
  readonly counts: BusCounts;
}

/**
 * A durable pull consumer. While a batch is handled the next one gathers, so batches grow with the
 * load. A handler that throws has its batch delivered again after a growing delay.
 */
export function startConsumption<T extends DescMessage>(
  dependencies: ConsumeDependencies,
  schema: T,
  options: ConsumeOptions,
  handle: (deliveries: readonly Delivery<T>[]) => Promise<void>,
): Consumption {
  const { jetstream, logger } = dependencies;
  const waiting: JsMsg[] = [];
  let isClosed = false;
  let isHandling = false;
  let messages: ConsumerMessages | undefined;
  let handling = Promise.resolve();

  function handleWaiting(): void {
    if (isHandling || waiting.length === 0) {
      return;
    }
    isHandling = true;
    handling = handleBatch(
      dependencies,
      schema,
      options,
      waiting.splice(0, options.batchMax),
      handle,
    )
      .catch((error: unknown) => logger.error({ error }, "a batch could not be handled"))
      .finally(() => {
        isHandling = false;
        handleWaiting();
      });
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      try {
        await ensureConsumer(dependencies.connection, options);
        const consumer = await jetstream.consumers.get(options.stream, options.durable);
        messages = await consumer.consume({ max_messages: options.batchMax });
        for await (const message of messages) {
          waiting.push(message);
          handleWaiting();
        }
      } catch (error) {
        logger.warn({ error, stream: options.stream }, "consuming failed; trying again");
      }
      if (!isClosed) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  void run();
  return {
    async close() {
      isClosed = true;
      messages?.stop();
      waiting.length = 0;
      await handling;
    },
  };
}

async function ensureConsumer(connection: NatsConnection, options: ConsumeOptions): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  await manager.consumers.add(options.stream, {
    durable_name: options.durable,
    filter_subject: options.subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: options.ackWaitMs * NANO_PER_MS,
    max_ack_pending: options.batchMax * 4,
    max_deliver: -1,
  });
}

async function handleBatch<T extends DescMessage>(
  { logger, counts }: ConsumeDependencies,
  schema: T,
  options: ConsumeOptions,
  batch: readonly JsMsg[],
  handle: (deliveries: readonly Delivery<T>[]) => Promise<void>,
): Promise<void> {
  const good: JsMsg[] = [];
  const deliveries: Delivery<T>[] = [];
  for (const raw of batch) {
    const decoded = decode(schema, raw);
    if (decoded.isGood) {
      good.push(raw);
      deliveries.push({
        message: decoded.message,
        meta: decoded.meta,
        isRedelivered: raw.redelivered,
      });
    } else {
      counts.poison += 1;
      await giveUp(raw, decoded.error, options);
    }
  }
  if (good.length === 0) {
    return;
  }
  try {
    await handle(deliveries);
    for (const raw of good) {
      raw.ack();
    }
    counts.consumed += good.length;
  } catch (error) {
    counts.retried += good.length;
    logger.warn({ error, messages: good.length }, "batch failed; it will be delivered again");
    for (const raw of good) {
      raw.nak(nakDelayMs(raw.info.deliveryCount));
    }
  }
}

async function giveUp(raw: JsMsg, error: unknown, options: ConsumeOptions): Promise<void> {
  try {
    await options.onPoison(raw.subject, raw.data, error);
    raw.term("unreadable");
  } catch {
    // It could not be put aside: keep it in the stream until it can.
    raw.nak(NAK_DELAY_MS_MAX);
  }
}

function nakDelayMs(deliveryCount: number): number {
  return Math.min(NAK_DELAY_MS_MAX, NAK_DELAY_MS_MIN * 2 ** Math.min(deliveryCount - 1, 10));
}
