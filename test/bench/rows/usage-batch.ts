import { create } from "@bufbuild/protobuf";
import { priceVersion } from "@fairlead/pricing";
import {
  Outcome,
  type UsageBatch,
  UsageBatchSchema,
  UsageSource,
} from "@fairlead/proto/usage/v1/usage";

export const EVENTS_PER_BATCH = 500;
const PROMPT_TOKENS = 100n;
const COMPLETION_TOKENS = 100n;
const RATES = { promptPico: 100_000n, completionPico: 400_000n };
const PICO_PER_NANO = 1000n;

/** Of one event: 100 × 100,000 + 100 × 400,000 pico-USD. */
export const COST_NANO =
  (PROMPT_TOKENS * RATES.promptPico + COMPLETION_TOKENS * RATES.completionPico) / PICO_PER_NANO;

/** Who pays, by which lease. */
export interface Bill {
  readonly accountId: string;
  readonly keyId: string;
  readonly gatewayId: string;
  readonly leaseId: string;
}

/** The `index`-th batch of a lease: its events' numbers go on where the batch before ended. */
export function createBatch(bill: Bill, index: number): UsageBatch {
  const { accountId, keyId, leaseId, gatewayId } = bill;
  const price = { version: priceVersion(RATES, []), rates: RATES };
  const createdMs = BigInt(Date.now());
  const events = Array.from({ length: EVENTS_PER_BATCH }, (_, place) => {
    const sequence = index * EVENTS_PER_BATCH + place + 1;
    return {
      generationId: `gen-${gatewayId}-${sequence}`,
      accountId,
      keyId,
      leaseId,
      leaseSeq: BigInt(sequence),
      endpointId: "0123456789abcdef",
      provider: "simulated-openai",
      model: "simulated/fast",
      requestedModel: "simulated/fast",
      price,
      tokens: {
        promptTokens: PROMPT_TOKENS,
        completionTokens: COMPLETION_TOKENS,
        source: UsageSource.PROVIDER,
      },
      costNano: COST_NANO,
      outcome: Outcome.COMPLETED,
      finishReason: "stop",
      createdMs,
    };
  });
  return create(UsageBatchSchema, { events, source: gatewayId });
}
