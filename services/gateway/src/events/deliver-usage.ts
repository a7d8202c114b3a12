import { type Bus, subjects } from "@fairlead/bus";
import { attr, startSpan, toTraceparent } from "@fairlead/kit";
import type { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { type UsageBatch, UsageBatchSchema } from "@fairlead/proto/usage/v1/usage";
import type { RpcClient } from "@fairlead/rpc";
import { type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
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
  const tracer = trace.getTracer("fairlead.gateway");
  let count = 0;
  return async (batch) => {
    count += 1;
    const span = startSendSpan(tracer, subject, batch);
    try {
      await bus.publishDurable(UsageBatchSchema, subject, batch, {
        messageId: `${gatewayId}-${count}`,
        timeoutMs: PUBLISH_TIMEOUT_MS,
        traceparent: span && toTraceparent(span),
      });
    } catch (error) {
      span?.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span?.end();
    }
  };
}

/** Straight to the ledger, while NATS is away. */
export function deliverByLedger(ledger: RpcClient<typeof LedgerService>): DeliverUsage {
  return async (batch) => {
    await ledger.submitUsage({ batch }, { timeoutMs: SUBMIT_TIMEOUT_MS });
  };
}

/** In the trace of the batch's first recorded request, linked to the others'; none, no span. */
function startSendSpan(tracer: Tracer, subject: string, batch: UsageBatch): Span | undefined {
  const traces = batch.events.map(({ traceparent }) => traceparent).filter((it) => it !== "");
  const [parent, ...links] = traces;
  if (parent === undefined) {
    return undefined;
  }
  return startSpan(tracer, "send fairlead.usage.v1", {
    kind: SpanKind.PRODUCER,
    parent,
    links,
    attributes: {
      [attr.messagingSystem]: "nats",
      [attr.messagingDestinationName]: subject,
      [attr.messagingOperationType]: "send",
      [attr.messagingBatchMessageCount]: batch.events.length,
    },
  });
}

function toShard(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) {
    sum = (sum * 31 + text.charCodeAt(index)) % 65_521;
  }
  return sum % SHARDS;
}
