import { setTimeout as delay } from "node:timers/promises";
import { type Bus, type Consumption, streams, subjects } from "@fairlead/bus";
import { AppError } from "@fairlead/errors";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import type { UsageStore } from "../store/usage-store.ts";
import type { UsagePoster } from "./usage-poster.ts";

/** Under which the server remembers how far the ledgers have come. */
export const USAGE_CONSUMER = "ledger";
/** Messages in hand at once; each holds up to 500 events. */
const MESSAGES_MAX = 64;
const ACK_WAIT_MS = 5_000;
/**
 * A posting costs about the same for one event as for fifty: after a small one, more are let
 * gather. A bill is visible this much later, and the ledger's work is bounded at any load.
 */
const GATHER_MS = 50;
const EVENTS_ENOUGH = 500;

export interface ConsumeUsageOptions {
  readonly bus: Bus;
  readonly poster: UsagePoster;
  readonly store: UsageStore;
}

/**
 * Posts the usage that arrives on the bus. A message is acknowledged once its events are committed;
 * until then it is delivered again, here or to another replica, and changes nothing twice.
 */
export function consumeUsage({ bus, poster, store }: ConsumeUsageOptions): Consumption {
  return bus.consume(
    UsageBatchSchema,
    {
      stream: streams.usage,
      durable: USAGE_CONSUMER,
      subject: subjects.allUsage,
      batchMax: MESSAGES_MAX,
      ackWaitMs: ACK_WAIT_MS,
      onPoison: async (subject, payload, error) => {
        const reason = `it is no UsageBatch: ${AppError.from(error).message}`;
        await store.savePoison([{ source: subject, reason, generationId: "", payload }]);
      },
    },
    async (deliveries) => {
      const source = deliveries[0]?.message.source ?? "";
      const parent = deliveries.length === 1 ? deliveries[0]?.meta.traceparent : undefined;
      const events = deliveries.flatMap((delivery) => delivery.message.events);
      await poster.post(events, { source, parent });
      if (events.length < EVENTS_ENOUGH) {
        await delay(GATHER_MS);
      }
    },
  );
}
