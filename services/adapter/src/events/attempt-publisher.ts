import { create } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import { ProviderFaultSchema } from "@fairlead/proto/adapter/v1/adapter";
import { type Attempt, AttemptBatchSchema } from "@fairlead/proto/events/v1/events";
import { AttemptBatches, type AttemptFacts } from "../domain/attempt-batches.ts";

const GATHER_MS = 250;

/** Publishes what became of attempts: routing and its statistics live on it. */
export class AttemptPublisher {
  readonly #bus: Pick<Bus, "publish">;
  readonly #worker: string;
  readonly #batches = new AttemptBatches((id, attempts) => this.#publish(id, attempts));
  /** Set while something is gathered. */
  #timer: NodeJS.Timeout | undefined;

  constructor(bus: Pick<Bus, "publish">, worker: string) {
    this.#bus = bus;
    this.#worker = worker;
  }

  add(endpointId: string, attempt: AttemptFacts): void {
    this.#batches.add(endpointId, attempt);
    this.#timer ??= setTimeout(this.#flush, GATHER_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#flush();
  }

  readonly #flush = (): void => {
    this.#timer = undefined;
    this.#batches.flush();
  };

  #publish(endpointId: string, attempts: readonly AttemptFacts[]): void {
    const batch = create(AttemptBatchSchema, {
      endpointId,
      worker: this.#worker,
      attempts: attempts.map(toAttempt),
    });
    this.#bus.publish(AttemptBatchSchema, subjects.attempt(endpointId), batch);
  }
}

/** Whole, so that only a fault is left for `create`. */
function toAttempt(facts: AttemptFacts): Attempt {
  const { fault } = facts;
  return {
    $typeName: "fairlead.events.v1.Attempt",
    atMs: BigInt(Math.round(facts.atMs)),
    isSuccess: facts.isSuccess,
    fault: fault === undefined ? undefined : create(ProviderFaultSchema, fault),
    firstTokenMs: Math.round(facts.firstTokenMs),
    durationMs: Math.round(facts.durationMs),
    completionTokens: BigInt(Math.trunc(facts.completionTokens)),
    isCancelled: facts.isCancelled,
  };
}
