import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Logger } from "@fairlead/kit";
import { type ConsumerMessages, DeliverPolicy, type JetStreamClient } from "@nats-io/jetstream";
import type { Subscription } from "./bus.ts";
import type { BusCounts } from "./bus-metrics.ts";
import { decode, type MessageMeta } from "./decode.ts";

const RETRY_MS = 500;

export interface FollowOptions {
  readonly stream: string;
  readonly subjects: readonly string[];
  /** How far back to begin, in milliseconds; 0 = only what comes from now on. */
  readonly sinceMs: number;
}

interface FollowDependencies {
  readonly jetstream: JetStreamClient;
  readonly logger: Logger;
  readonly counts: BusCounts;
}

/**
 * Follows a stream with an ordered consumer. When the consumer is lost (a restarted server forgets
 * a memory stream), begins again from the moment of the loss.
 */
export function startFollowing<T extends DescMessage>(
  { jetstream, logger, counts }: FollowDependencies,
  schema: T,
  options: FollowOptions,
  handle: (message: MessageShape<T>, meta: MessageMeta) => void,
): Subscription {
  let isClosed = false;
  let messages: ConsumerMessages | undefined;
  let startAtMs = Date.now() - options.sinceMs;

  async function follow(): Promise<void> {
    const consumer = await jetstream.consumers.get(options.stream, {
      filter_subjects: [...options.subjects],
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(startAtMs).toISOString(),
    });
    messages = await consumer.consume({ max_messages: 1_000 });
    if (isClosed) {
      // close() had nothing to stop yet.
      messages.stop();
    }
    for await (const raw of messages) {
      const decoded = decode(schema, raw);
      if (decoded.isGood) {
        counts.consumed += 1;
        handle(decoded.message, decoded.meta);
      } else {
        counts.poison += 1;
        logger.warn({ subject: raw.subject, error: decoded.error }, "unreadable message");
      }
    }
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      try {
        await follow();
      } catch (error) {
        logger.warn({ error, stream: options.stream }, "following the stream failed; trying again");
      }
      startAtMs = Date.now();
      if (!isClosed) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  void run();
  return {
    close() {
      isClosed = true;
      messages?.stop();
    },
  };
}
