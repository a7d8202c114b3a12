import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Logger } from "@fairlead/kit";
import {
  AckPolicy,
  type ConsumerMessages,
  JetStreamApiError,
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
const CONSUMER_EXISTS = 10_148;

export interface ConsumeOptions {
  readonly stream: string;
  /** Name under which the server remembers how far this group of consumers has come. */
  readonly durable: string;
  readonly subject: string;
  /** Most messages handed over at once. */
  readonly batchMax: number;
  /**
   * A message of a consumer that is silent for this long is delivered again, to anyone: how soon
   * the work of one that died is taken up.
   */
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
  /**
   * Takes no more messages, gives back those that wait; resolves when the batch in hand is done.
   */
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
  let inHand: JsMsg[] = [];
  let isClosed = false;
  let isHandling = false;
  let messages: ConsumerMessages | undefined;
  let handling = Promise.resolve();

  function handleWaiting(): void {
    if (isHandling || waiting.length === 0) {
      return;
    }
    isHandling = true;
    inHand = waiting.splice(0, options.batchMax);
    handling = handleBatch(dependencies, schema, options, inHand, handle)
      .catch((error: unknown) => logger.error({ error }, "a batch could not be handled"))
      .finally(() => {
        inHand = [];
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
        if (isClosed) {
          // close() had nothing to stop yet.
          messages.stop();
        }
        for await (const message of messages) {
          if (isClosed) {
            message.nak();
          } else {
            waiting.push(message);
            handleWaiting();
          }
        }
      } catch (error) {
        logger.warn({ error, stream: options.stream }, "consuming failed; trying again");
      }
      if (!isClosed) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  // What waits here is not lost: without a word of it the server would deliver it once more.
  const heartbeat = setInterval(() => {
    for (const message of [...inHand, ...waiting]) {
      message.working();
    }
  }, options.ackWaitMs / 2);
  heartbeat.unref();

  void run();
  return {
    async close() {
      isClosed = true;
      messages?.stop();
      // At once to another consumer, instead of after ackWaitMs.
      for (const message of waiting.splice(0)) {
        message.nak();
      }
      await handling;
      clearInterval(heartbeat);
    },
  };
}

async function ensureConsumer(connection: NatsConnection, options: ConsumeOptions): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const changeable = {
    ack_wait: options.ackWaitMs * NANO_PER_MS,
    max_ack_pending: options.batchMax * 4,
  };
  try {
    await manager.consumers.add(options.stream, {
      durable_name: options.durable,
      filter_subject: options.subject,
      ack_policy: AckPolicy.Explicit,
      max_deliver: -1,
      ...changeable,
    });
  } catch (error) {
    // It is there with the settings of an earlier version.
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) {
      throw error;
    }
    await manager.consumers.update(options.stream, options.durable, changeable);
  }
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
