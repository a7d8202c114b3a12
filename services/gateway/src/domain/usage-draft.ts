import { create, encode } from "@fairlead/proto/wire";
import type { End } from "@fairlead/proto/adapter/v1/adapter";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import {
  AttemptSummarySchema,
  type TokenUsage,
  type UsageEvent,
  UsageEventSchema,
} from "@fairlead/proto/usage/v1/usage";
import type { Charge } from "./charge.ts";
import { noUsage } from "./estimate-usage.ts";
import type { FailedAttempt } from "./final-error.ts";
import type { Hold } from "./lease.ts";

/** What is known of a request when it is admitted. */
export interface UsageDraftInit {
  readonly generationId: string;
  readonly accountId: string;
  readonly keyId: string;
  readonly requestedModel: string;
  readonly isStream: boolean;
  /** Unix milliseconds. */
  readonly createdMs: number;
  readonly sessionId: string;
  readonly endUser: string;
  /** Empty when the trace is not recorded: there is nothing to link to. */
  readonly traceparent: string;
  readonly httpReferer: string;
  readonly appTitle: string;
}

export interface UsageOutcome {
  readonly charge: Charge;
  readonly tokens: TokenUsage | undefined;
  readonly end: End | undefined;
  readonly upstreamId: string;
  readonly firstTokenMs: number;
  readonly durationMs: number;
  readonly failed: readonly FailedAttempt[];
}

/** One request's bill in the making: the same record for the worker's template and the ledger. */
export class UsageDraft {
  readonly #event: UsageEvent;
  /**
   * The event as it is before any candidate: of two encodings one after the other, protobuf reads
   * one message.
   */
  #request: Uint8Array | undefined;

  constructor(init: UsageDraftInit) {
    this.#event = create(UsageEventSchema, {
      generationId: init.generationId,
      accountId: init.accountId,
      keyId: init.keyId,
      requestedModel: init.requestedModel,
      model: init.requestedModel,
      streamed: init.isStream,
      createdMs: BigInt(init.createdMs),
      sessionId: init.sessionId,
      endUser: init.endUser,
      traceparent: init.traceparent,
      httpReferer: init.httpReferer,
      appTitle: init.appTitle,
    });
  }

  /** To be called before the first template is encoded. */
  setHold(hold: Hold): void {
    this.#event.leaseId = hold.leaseId;
    this.#event.leaseSeq = hold.leaseSeq;
  }

  /** What the worker completes and publishes should this process disappear. */
  encodeTemplate(candidate: Candidate): Uint8Array {
    this.#request ??= encode(UsageEventSchema, this.#event);
    return Buffer.concat([this.#request, encodeCandidate(candidate)]);
  }

  finish(candidate: Candidate | undefined, outcome: UsageOutcome): UsageEvent {
    const event = this.#event;
    if (candidate !== undefined) {
      this.#setCandidate(candidate);
    }
    // A request that used nothing says so; one without counts could not be posted.
    event.tokens = outcome.tokens ?? noUsage();
    event.costNano = outcome.charge.cost.costNano;
    event.outcome = outcome.charge.outcome;
    event.finishReason = outcome.end?.finishReason ?? "";
    event.nativeFinishReason = outcome.end?.nativeFinishReason ?? "";
    event.upstreamId = outcome.upstreamId;
    event.firstTokenMs = outcome.firstTokenMs;
    event.durationMs = outcome.durationMs;
    event.attempts = outcome.failed.map(toSummary);
    return event;
  }

  #setCandidate(candidate: Candidate): void {
    this.#event.endpointId = candidate.endpointId;
    this.#event.provider = candidate.provider;
    this.#event.model = candidate.model;
    if (candidate.price !== undefined) {
      this.#event.price = candidate.price;
    }
  }
}

const encodedCandidates = new WeakMap<Candidate, Uint8Array>();

/** What a bill says of a candidate, encoded once for all requests. */
function encodeCandidate(candidate: Candidate): Uint8Array {
  let encoded = encodedCandidates.get(candidate);
  if (encoded === undefined) {
    const { endpointId, provider, model, price } = candidate;
    const part = create(UsageEventSchema, { endpointId, provider, model, ...(price && { price }) });
    encoded = encode(UsageEventSchema, part);
    encodedCandidates.set(candidate, encoded);
  }
  return encoded;
}

function toSummary({ endpointId, provider, failure, latencyMs }: FailedAttempt) {
  return create(AttemptSummarySchema, {
    endpointId,
    provider,
    status: failure.httpStatus,
    code: failure.code,
    latencyMs,
  });
}
