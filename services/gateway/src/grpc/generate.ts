import { decode } from "@fairlead/proto/wire";
import type { AppError } from "@fairlead/errors";
import {
  AdapterService,
  type End,
  type GenerateResponse,
  type GenerateResponseSchema,
  ProviderFaultSchema,
} from "@fairlead/proto/adapter/v1/adapter";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import type { CallSink, ClientCall } from "@fairlead/rpc";
import { type AttemptFailure, fromCallError, fromFault } from "../domain/attempt-failure.ts";
import type { AttemptCall, AttemptOptions, AttemptSink } from "../domain/plan-run.ts";
import { pickWorker } from "../domain/worker-picker.ts";
import type { Worker, WorkerDirectory } from "../events/worker-directory.ts";
import { encodeGenerate } from "./encode-generate.ts";

const ABORT_TIMEOUT_MS = 2_000;

/** What every attempt of one request has in common. */
export interface GenerateFacts {
  readonly generationId: string;
  readonly body: Uint8Array;
  readonly isStream: boolean;
  /** Unix seconds. */
  readonly created: number;
}

/** What differs from attempt to attempt. */
export interface GenerateAttempt extends AttemptOptions {
  /** 0 leaves the client's own. */
  readonly maxTokens: number;
  readonly usageTemplate: Uint8Array;
  readonly traceparent: string | undefined;
}

export interface GenerateOptions {
  readonly workers: WorkerDirectory;
  readonly random: () => number;
  /** Monotonic milliseconds with fractions. */
  readonly now: () => number;
}

/** Opens generations on the workers' links. */
export class Generator {
  readonly #options: GenerateOptions;

  constructor(options: GenerateOptions) {
    this.#options = options;
  }

  /** A worker for the candidate, not the one of the attempt before where there is another. */
  pick(candidate: Candidate, skip: Worker | undefined): Worker | undefined {
    const { workers, random, now } = this.#options;
    const pool = workers.pool(candidate.pool);
    return pickWorker(pool, candidate.provider, { random, nowMs: now(), skip });
  }

  /**
   * Calls back as soon as a worker for one of the candidates is ready, or when the time is over.
   */
  awaitWorker(
    candidates: readonly Candidate[],
    timeoutMs: number,
    done: (isReady: boolean) => void,
  ): void {
    const isReady = () => candidates.some((candidate) => this.pick(candidate, undefined));
    this.#options.workers.waitUntil(isReady, timeoutMs, done);
  }

  open(
    worker: Worker,
    candidate: Candidate,
    facts: GenerateFacts,
    sink: AttemptSink,
    attempt: GenerateAttempt,
  ): AttemptCall {
    const { generationId } = facts;
    const linkSink = new GenerateSink(
      worker,
      generationId,
      attempt.number,
      sink,
      this.#options.now,
    );
    const call = worker.link.open(
      AdapterService.method.generate,
      encodeGenerate(candidate, {
        generationId,
        attempt: attempt.number,
        isStream: facts.isStream,
        body: facts.body,
        maxTokens: attempt.maxTokens,
        created: facts.created,
        usageTemplate: attempt.usageTemplate,
      }),
      { timeoutMs: attempt.timeoutMs, traceparent: attempt.traceparent },
      linkSink,
    );
    return new RunningGeneration(worker, call, generationId);
  }
}

class RunningGeneration implements AttemptCall {
  readonly #worker: Worker;
  readonly #call: ClientCall;
  readonly #generationId: string;

  constructor(worker: Worker, call: ClientCall, generationId: string) {
    this.#worker = worker;
    this.#call = call;
    this.#generationId = generationId;
  }

  abort(): void {
    // A paused call would never hear its own end.
    this.#call.resume();
    this.#worker.link.open(
      AdapterService.method.abort,
      { generationId: this.#generationId },
      { timeoutMs: ABORT_TIMEOUT_MS, isControl: true },
      ignoreReply,
    );
  }

  cancel(): void {
    this.#call.cancel();
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }
}

/** Translates the link's callbacks into the attempt's. */
class GenerateSink implements CallSink<typeof GenerateResponseSchema> {
  readonly #worker: Worker;
  readonly #generationId: string;
  readonly #attempt: number;
  readonly #sink: AttemptSink;
  readonly #now: () => number;
  readonly #openedMs: number;
  #hasStarted = false;
  #end: End | undefined;

  constructor(
    worker: Worker,
    generationId: string,
    attempt: number,
    sink: AttemptSink,
    now: () => number,
  ) {
    this.#worker = worker;
    this.#generationId = generationId;
    this.#attempt = attempt;
    this.#sink = sink;
    this.#now = now;
    this.#openedMs = now();
  }

  bytes(value: Uint8Array): void {
    this.#sink.output(value);
  }

  message(message: GenerateResponse): void {
    const { event } = message;
    switch (event.case) {
      case "output":
        this.#sink.output(event.value);
        break;
      case "start":
        this.#hasStarted = true;
        this.#recordDelay(event.value.firstTokenUs);
        this.#sink.start(event.value);
        break;
      case "end":
        this.#end = event.value;
        break;
      default:
    }
  }

  end(error: AppError | undefined, detail: Uint8Array | undefined): void {
    if (error !== undefined) {
      const failure = toFailure(error, detail);
      if (failure.isWorkerLost && !this.#hasStarted) {
        this.#worker.disowned.add(this.#generationId, this.#attempt);
      }
      this.#sink.fail(failure);
    } else if (this.#end !== undefined) {
      this.#sink.end(this.#end);
    } else {
      this.#sink.fail(cutShort);
    }
  }

  /** What the worker and the way to it added to the provider's own time. */
  #recordDelay(firstTokenUs: number): void {
    const nowMs = this.#now();
    const addedUs = (nowMs - this.#openedMs) * 1_000 - firstTokenUs;
    this.#worker.delay.record(Math.max(0, addedUs), nowMs);
  }
}

const cutShort: AttemptFailure = {
  code: "provider_unavailable",
  message: "The worker ended the call without a result.",
  httpStatus: 0,
  providerCode: "",
  retryAfterMs: 0,
  isRetryable: true,
  isWorkerLost: false,
  param: "",
};

function toFailure(error: AppError, detail: Uint8Array | undefined): AttemptFailure {
  if (detail === undefined) {
    return fromCallError(error);
  }
  try {
    return fromFault(decode(ProviderFaultSchema, detail));
  } catch {
    return fromCallError(error);
  }
}

const ignoreReply: CallSink = { message: () => undefined, end: () => undefined };
