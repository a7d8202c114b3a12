import { create } from "@bufbuild/protobuf";
import { type Bus, subjects } from "@fairlead/bus";
import { AttemptBatchSchema } from "@fairlead/proto/events/v1/events";
import { AttemptBatches, type AttemptFacts } from "../domain/attempt-batches.ts";

const FLUSH_INTERVAL_MS = 250;

/** Publishes what became of attempts: routing and its statistics live on it. */
export class AttemptPublisher {
  readonly #bus: Pick<Bus, "publish">;
  readonly #worker: string;
  readonly #batches = new AttemptBatches((id, attempts) => this.#publish(id, attempts));
  readonly #timer = setInterval(() => this.#batches.flush(), FLUSH_INTERVAL_MS);

  constructor(bus: Pick<Bus, "publish">, worker: string) {
    this.#bus = bus;
    this.#worker = worker;
    this.#timer.unref();
  }

  add(endpointId: string, attempt: AttemptFacts): void {
    this.#batches.add(endpointId, attempt);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#batches.flush();
  }

  #publish(endpointId: string, attempts: readonly AttemptFacts[]): void {
    const batch = create(AttemptBatchSchema, {
      endpointId,
      worker: this.#worker,
      attempts: attempts.map((attempt) => ({
        atMs: BigInt(Math.round(attempt.atMs)),
        isSuccess: attempt.isSuccess,
        ...(attempt.fault !== undefined && { fault: attempt.fault }),
        firstTokenMs: Math.round(attempt.firstTokenMs),
        durationMs: Math.round(attempt.durationMs),
        completionTokens: BigInt(Math.trunc(attempt.completionTokens)),
        isCancelled: attempt.isCancelled,
      })),
    });
    this.#bus.publish(AttemptBatchSchema, subjects.attempt(endpointId), batch);
  }
}
