import { setTimeout as delay } from "node:timers/promises";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import type { Logger, TraceParent } from "@fairlead/kit";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { AckInbox } from "./ack-inbox.ts";
import { type BusCounts, createBusCounts } from "./bus-metrics.ts";
import {
  type Consumption,
  type ConsumeOptions,
  type Delivery,
  startConsumption,
} from "./consume.ts";
import { decode, type MessageMeta, TRACEPARENT } from "./decode.ts";
import { ensureStreams, type UsageRetention } from "./ensure-streams.ts";
import { type FollowOptions, startFollowing } from "./follow.ts";
import { type WatchedStream, watchStreams } from "./stream-metrics.ts";

/** By which JetStream tells repeated messages. */
const MESSAGE_ID = "Nats-Msg-Id";

export interface Subscription {
  close(): void;
}

export interface DurableOptions {
  /** The broker drops a second message of the same id within two minutes. */
  readonly messageId: string;
  readonly traceparent?: TraceParent | undefined;
  readonly timeoutMs: number;
}

/** Typed messages over one NATS connection. Made by {@link connectBus}. */
export class Bus {
  readonly #connection: NatsConnection;
  readonly #jetstream: JetStreamClient;
  readonly #acks: AckInbox;
  readonly #logger: Logger;
  readonly #counts: BusCounts;
  #isConnected = true;

  constructor(connection: NatsConnection, logger: Logger) {
    this.#connection = connection;
    this.#jetstream = jetstream(connection);
    this.#acks = new AckInbox(connection);
    this.#logger = logger;
    this.#counts = createBusCounts(() => this.#isConnected);
    void this.#watchStatus();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Reports the state of streams and of their consumers, read every 10 s, as metrics. */
  watchStreams(watched: readonly WatchedStream[]): Subscription {
    return { close: watchStreams(this.#connection, this.#logger, watched) };
  }

  /**
   * Creates or updates the streams; `replicas` is 1 on a single server, 3 on a cluster. The ledger,
   * which posts from the stream of bills, says how far back that one reaches.
   */
  ensureStreams(replicas: number, retention?: UsageRetention): Promise<void> {
    return ensureStreams(this.#connection, replicas, retention);
  }

  /** Fire and forget: lost, and counted, while there is no connection. */
  publish<T extends DescMessage>(
    schema: T,
    subject: string,
    message: MessageShape<T>,
    options: { traceparent?: TraceParent | undefined } = {},
  ): void {
    if (!this.#isConnected) {
      this.#counts.dropped += 1;
      return;
    }
    const { traceparent } = options;
    const payload = encode(schema, message);
    if (traceparent === undefined) {
      this.#connection.publish(subject, payload);
    } else {
      this.#connection.publish(subject, payload, { headers: withTraceparent(traceparent) });
    }
    this.#counts.published += 1;
  }

  /**
   * Waits until the broker has taken all that was published before in the same turn of the event
   * loop. Throws `unavailable` when that cannot be said: some of it may be lost then.
   */
  async flush(timeoutMs: number): Promise<void> {
    if (!this.#isConnected) {
      throw new AppError("unavailable", "The message bus is not connected.");
    }
    const late = new AbortController();
    try {
      await Promise.race([this.#connection.flush(), expire(timeoutMs, late.signal)]);
    } catch (error) {
      throw new AppError("unavailable", "The message bus did not take the messages.", {
        cause: error,
      });
    } finally {
      late.abort();
    }
  }

  /** Waits until the stream has stored it. Throws `unavailable` when that cannot be said. */
  async publishDurable<T extends DescMessage>(
    schema: T,
    subject: string,
    message: MessageShape<T>,
    options: DurableOptions,
  ): Promise<void> {
    if (!this.#isConnected) {
      this.#counts.publishFailures += 1;
      throw new AppError("unavailable", "The message bus is not connected.");
    }
    const { messageId, traceparent, timeoutMs } = options;
    const fields = traceparent === undefined ? headers() : withTraceparent(traceparent);
    fields.set(MESSAGE_ID, messageId);
    try {
      await this.#acks.publish(subject, encode(schema, message), fields, timeoutMs);
      this.#counts.acknowledged += 1;
    } catch (error) {
      this.#counts.publishFailures += 1;
      throw new AppError("unavailable", "The message bus did not take the message.", {
        cause: error,
      });
    }
  }

  /** Messages as they are published; none from before. A handler must not throw. */
  subscribe<T extends DescMessage>(
    schema: T,
    subject: string,
    handle: (message: MessageShape<T>, meta: MessageMeta) => void,
  ): Subscription {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, raw) => {
        if (error) {
          this.#logger.warn({ error, subject }, "subscription failed");
          return;
        }
        const decoded = decode(schema, raw);
        if (decoded.isGood) {
          this.#counts.consumed += 1;
          handle(decoded.message, decoded.meta);
        } else {
          this.#counts.poison += 1;
          this.#logger.warn({ subject: raw.subject, error: decoded.error }, "unreadable message");
        }
      },
    });
    return { close: () => subscription.unsubscribe() };
  }

  /** Messages of a stream in order, from now or from some time ago; goes on after reconnects. */
  follow<T extends DescMessage>(
    schema: T,
    options: FollowOptions,
    handle: (message: MessageShape<T>, meta: MessageMeta) => void,
  ): Subscription {
    return startFollowing(
      { jetstream: this.#jetstream, logger: this.#logger, counts: this.#counts },
      schema,
      options,
      handle,
    );
  }

  /** Messages of a stream in batches, each acknowledged when the handler has returned. */
  consume<T extends DescMessage>(
    schema: T,
    options: ConsumeOptions,
    handle: (deliveries: readonly Delivery<T>[]) => Promise<void>,
  ): Consumption {
    return startConsumption(
      {
        connection: this.#connection,
        jetstream: this.#jetstream,
        logger: this.#logger,
        counts: this.#counts,
      },
      schema,
      options,
      handle,
    );
  }

  /** Sends what is buffered, then closes. */
  async close(): Promise<void> {
    if (!this.#connection.isClosed()) {
      await (this.#isConnected ? this.#connection.drain() : this.#connection.close());
    }
  }

  async #watchStatus(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "disconnect") {
        this.#isConnected = false;
        this.#logger.warn("message bus disconnected");
      } else if (status.type === "reconnect") {
        this.#isConnected = true;
        this.#counts.reconnects += 1;
        this.#logger.info("message bus reconnected");
      }
    }
    this.#isConnected = false;
  }
}

/** Rejects when the time is over, or when it no longer matters. */
function expire(timeoutMs: number, signal: AbortSignal): Promise<never> {
  return delay(timeoutMs, undefined, { signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
}

function withTraceparent(traceparent: TraceParent) {
  const fields = headers();
  fields.set(TRACEPARENT, traceparent);
  return fields;
}
