import { type Bus, subjects } from "@fairlead/bus";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import type { RpcClient } from "@fairlead/rpc";
import type { DeliverUsage } from "./usage-outbox.ts";

const SHARDS = 8;
const PUBLISH_TIMEOUT_MS = 2_000;
const SUBMIT_TIMEOUT_MS = 5_000;

/**
 * Through JetStream. A gateway always uses the same shard: a batch holds events of many accounts,
 * so a shard by account would cut every batch into pieces, and each message costs a sync.
 */
export function deliverByBus(bus: Bus, gatewayId: string): DeliverUsage {
  const subject = subjects.usage(toShard(gatewayId));
  let count = 0;
  return (batch) => {
    count += 1;
    const messageId = `${gatewayId}-${count}`;
    return bus.publishDurable(UsageBatchSchema, subject, batch, {
      messageId,
      timeoutMs: PUBLISH_TIMEOUT_MS,
    });
  };
}

/** Straight to the ledger, while NATS is away. */
export function deliverByLedger(ledger: RpcClient<typeof LedgerService>): DeliverUsage {
  return async (batch) => {
    await ledger.submitUsage({ batch }, { timeoutMs: SUBMIT_TIMEOUT_MS });
  };
}

function toShard(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) {
    sum = (sum * 31 + text.charCodeAt(index)) % 65_521;
  }
  return sum % SHARDS;
}
