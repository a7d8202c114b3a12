import type { DescMessage } from "@bufbuild/protobuf";
import { decode } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import type { Pool } from "@fairlead/db";
import type { Logger } from "@fairlead/kit";
import { KeysChangedSchema, LeaseRecallSchema } from "@fairlead/proto/events/v1/events";
import { drainOutbox, type OutboxMessage } from "../store/outbox-store.ts";

/** Only for what others left: our own transactions wake it. */
const POLL_MS = 1_000;
const BATCH_MAX = 100;
/** So long a transaction waits for the broker's word. */
const FLUSH_TIMEOUT_MS = 2_000;

const schemas: Record<string, DescMessage> = {
  [subjects.keysChanged]: KeysChangedSchema,
  [subjects.leaseRecall]: LeaseRecallSchema,
};

export interface OutboxRelayOptions {
  readonly pool: Pool;
  readonly bus: Pick<Bus, "isConnected" | "publish" | "flush">;
  readonly logger: Logger;
}

/** Publishes what transactions left in the outbox, those of replicas that died included. */
export class OutboxRelay {
  readonly #options: OutboxRelayOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.wake(), POLL_MS);
  }

  /** Something was left just now: send it without waiting for the next look. */
  wake(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #drain(): Promise<void> {
    const { pool, bus, logger } = this.#options;
    try {
      let sent = BATCH_MAX;
      while (sent === BATCH_MAX && bus.isConnected) {
        sent = await drainOutbox(pool, BATCH_MAX, (messages) => this.#send(messages));
      }
    } catch (error) {
      logger.warn({ error }, "outbox could not be sent; trying again");
    }
  }

  /** Resolves when the broker has them: what a breaking connection swallows is sent again. */
  async #send(messages: readonly OutboxMessage[]): Promise<void> {
    const { bus, logger } = this.#options;
    for (const { id, subject, payload } of messages) {
      const schema = schemas[subject];
      if (schema === undefined) {
        logger.error({ id: String(id), subject }, "outbox message of an unknown subject dropped");
      } else {
        bus.publish(schema, subject, decode(schema, payload));
      }
    }
    if (messages.length > 0) {
      await bus.flush(FLUSH_TIMEOUT_MS);
    }
  }
}
