import type { Logger } from "@fairlead/kit";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { type Attributes, metrics } from "@opentelemetry/api";

/** How often the server is asked; what a scrape in between sees is at most so old. */
const PERIOD_MS = 10_000;

export interface WatchedStream {
  readonly stream: string;
  /** Durable consumers to tell of, by name. */
  readonly consumers: readonly string[];
}

interface Reading {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

const readings = {
  messages: {
    name: "fairlead.bus.stream.messages",
    unit: "{message}",
    description: "Messages that a stream keeps",
  },
  size: { name: "fairlead.bus.stream.size", unit: "By", description: "Bytes that a stream keeps" },
  limit: {
    name: "fairlead.bus.stream.limit",
    unit: "By",
    description: "Bytes that a stream keeps at most",
  },
  pending: {
    name: "fairlead.bus.consumer.pending",
    unit: "{message}",
    description: "Messages that a consumer was not given yet",
  },
  ackPending: {
    name: "fairlead.bus.consumer.ack_pending",
    unit: "{message}",
    description: "Messages that a consumer was given and has not acknowledged",
  },
  redelivered: {
    name: "fairlead.bus.consumer.redelivered",
    unit: "{message}",
    description: "Of the messages not acknowledged, those that were given more than once",
  },
} as const satisfies Record<string, Reading>;

type Values = Map<keyof typeof readings, [value: number, attributes: Attributes][]>;

/** Reports how full streams are and how far their consumers have come; returns how to stop. */
export function watchStreams(
  connection: NatsConnection,
  logger: Logger,
  watched: readonly WatchedStream[],
): () => void {
  // What cannot be read is not reported: an old figure would look like a good one.
  let values: Values = new Map();
  let isLooking = false;
  async function look(): Promise<void> {
    if (isLooking) {
      return;
    }
    isLooking = true;
    try {
      values = await readStreams(await jetstreamManager(connection, { checkAPI: false }), watched);
    } catch (error) {
      values = new Map();
      logger.debug({ error }, "streams could not be looked at");
    } finally {
      isLooking = false;
    }
  }
  const meter = metrics.getMeter("fairlead.bus");
  for (const key of Object.keys(readings) as (keyof typeof readings)[]) {
    const { name, unit, description } = readings[key];
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      for (const [value, attributes] of values.get(key) ?? []) {
        result.observe(value, attributes);
      }
    });
  }
  const timer = setInterval(() => void look(), PERIOD_MS);
  timer.unref();
  void look();
  return () => {
    clearInterval(timer);
    values = new Map();
  };
}

async function readStreams(
  manager: JetStreamManager,
  watched: readonly WatchedStream[],
): Promise<Values> {
  const values: Values = new Map();
  const add = (key: keyof typeof readings, value: number, attributes: Attributes) => {
    values.set(key, [...(values.get(key) ?? []), [value, attributes]]);
  };
  for (const { stream, consumers } of watched) {
    const { state, config } = await manager.streams.info(stream);
    add("messages", state.messages, { stream });
    add("size", state.bytes, { stream });
    add("limit", config.max_bytes, { stream });
    for (const consumer of consumers) {
      const info = await manager.consumers.info(stream, consumer);
      add("pending", info.num_pending, { stream, consumer });
      add("ackPending", info.num_ack_pending, { stream, consumer });
      add("redelivered", info.num_redelivered, { stream, consumer });
    }
  }
  return values;
}
