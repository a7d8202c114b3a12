import type { ProviderFaultInfo } from "@fairlead/providers";

/** One call of an endpoint, as routing wants to know of it; see `fairlead.events.v1.Attempt`. */
export interface AttemptFacts {
  /** Unix milliseconds at its end. */
  readonly atMs: number;
  readonly isSuccess: boolean;
  readonly isCancelled: boolean;
  readonly fault: ProviderFaultInfo | undefined;
  /** 0 when there was none. */
  readonly firstTokenMs: number;
  readonly durationMs: number;
  readonly completionTokens: number;
}

export type SendAttempts = (endpointId: string, attempts: readonly AttemptFacts[]) => void;

/** A batch that has grown to this leaves at once. */
const ATTEMPTS_PER_BATCH_MAX = 256;

/**
 * Gathers successes by endpoint until `flush`; a failure leaves at once, with what was gathered
 * before it, since routing must hear of it before the next request.
 */
export class AttemptBatches {
  readonly #batches = new Map<string, AttemptFacts[]>();
  readonly #send: SendAttempts;

  constructor(send: SendAttempts) {
    this.#send = send;
  }

  add(endpointId: string, attempt: AttemptFacts): void {
    const batch = this.#batches.get(endpointId);
    if (batch === undefined) {
      this.#batches.set(endpointId, [attempt]);
    } else {
      batch.push(attempt);
    }
    if (attempt.fault !== undefined || (batch?.length ?? 0) >= ATTEMPTS_PER_BATCH_MAX) {
      this.#flushEndpoint(endpointId);
    }
  }

  flush(): void {
    for (const endpointId of this.#batches.keys()) {
      this.#flushEndpoint(endpointId);
    }
  }

  #flushEndpoint(endpointId: string): void {
    const batch = this.#batches.get(endpointId);
    if (batch !== undefined) {
      this.#batches.delete(endpointId);
      this.#send(endpointId, batch);
    }
  }
}
