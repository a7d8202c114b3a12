import { AppError } from "@fairlead/errors";
import type { End, Start } from "@fairlead/proto/adapter/v1/adapter";
import type { Candidate } from "@fairlead/proto/router/v1/router";
import { type AttemptFailure, noWorker } from "./attempt-failure.ts";
import { CandidateQueue } from "./candidate-queue.ts";
import { type FailedAttempt, toFinalError } from "./final-error.ts";

/** What one attempt reports, in this order: start, outputs, then exactly one of end and fail. */
export interface AttemptSink {
  start(start: Start): void;
  /** The bytes are valid until the call returns to its caller's tick; they are written at once. */
  output(bytes: Uint8Array): void;
  end(end: End): void;
  fail(failure: AttemptFailure): void;
}

/** A running attempt. After `cancel` its sink may still be called; the run ignores that. */
export interface AttemptCall {
  /** Stops the upstream, soon; the attempt still ends in the ordinary way, with its usage. */
  abort(): void;
  cancel(): void;
  pause(): void;
  resume(): void;
}

export interface AttemptOptions {
  /** From 1. */
  readonly number: number;
  readonly timeoutMs: number;
}

/** Opens an attempt; undefined when no worker of the candidate's pool can take it. */
export type OpenAttempt = (
  candidate: Candidate,
  options: AttemptOptions,
  sink: AttemptSink,
) => AttemptCall | undefined;

/** Calls back once: a worker for one of the candidates is ready, or the time is over. */
export type AwaitWorker = (
  candidates: readonly Candidate[],
  timeoutMs: number,
  done: (isReady: boolean) => void,
) => void;

/** Who listens to a run: the first five calls are about the attempt that answered. */
export interface PlanRunListener {
  started(candidate: Candidate, start: Start): void;
  output(bytes: Uint8Array): void;
  ended(candidate: Candidate, end: End): void;
  /** The way to the worker broke after content. */
  broken(candidate: Candidate, failure: AttemptFailure): void;
  /** Nothing answered, and nothing more is tried. */
  failed(error: AppError): void;
}

export interface PlanRunOptions {
  readonly candidates: readonly Candidate[];
  readonly open: OpenAttempt;
  readonly awaitWorker: AwaitWorker;
  readonly listener: PlanRunListener;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** On that clock: when the whole request must be over. */
  readonly deadlineMs: number;
}

/** Attempts that reach a worker; candidates without one do not count. */
export const ATTEMPTS_MAX = 4;
/** A pool whose last worker died is back in a few seconds: so long a request waits for it. */
const WORKER_WAIT_MS = 5_000;

/**
 * Tries the candidates in order until one answers, and each model at least once where the attempts
 * allow. Before the first content a failure that allows it moves on to the next; a lost worker says
 * nothing of its candidate, which is tried again on another one. After the first content, nothing
 * is ever tried again.
 */
export class PlanRun {
  readonly #options: PlanRunOptions;
  readonly #failed: FailedAttempt[] = [];
  readonly #queue: CandidateQueue;
  /** Passed over because no worker serves them now. */
  #unserved: Candidate[] = [];
  #waitUntilMs: number | undefined;
  #attempts = 0;
  #call: AttemptCall | undefined;
  #current: Attempt | undefined;
  #isAborted = false;

  constructor(options: PlanRunOptions) {
    this.#options = options;
    this.#queue = new CandidateQueue(options.candidates);
  }

  get failedAttempts(): readonly FailedAttempt[] {
    return this.#failed;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The candidate being tried or answering. */
  get candidate(): Candidate | undefined {
    return this.#current?.candidate;
  }

  start(): void {
    this.#next();
  }

  /** The client is gone: the running attempt ends with its usage, and no other one is made. */
  abort(): void {
    this.#isAborted = true;
    this.#call?.abort();
  }

  /** Nothing is reported after this. */
  cancel(): void {
    const call = this.#call;
    this.#finish();
    call?.cancel();
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  /** For attempts only. */
  isCurrent(attempt: Attempt): boolean {
    return this.#current === attempt;
  }

  /** For attempts only: over, whatever comes. */
  finishAttempt(): PlanRunListener {
    this.#finish();
    return this.#options.listener;
  }

  /** For attempts only: failed before content. */
  moveOn(attempt: Attempt, failure: AttemptFailure): void {
    this.#finish();
    this.#record(attempt.candidate, failure, attempt.startedMs);
    if (!failure.isRetryable || this.#isAborted) {
      this.#options.listener.failed(toFinalError(this.#failed));
      return;
    }
    this.#queue.fail(failure.isWorkerLost);
    this.#next();
  }

  get listener(): PlanRunListener {
    return this.#options.listener;
  }

  #next(): void {
    const { open, now, deadlineMs } = this.#options;
    while (this.#attempts < ATTEMPTS_MAX) {
      const candidate = this.#queue.next(ATTEMPTS_MAX - this.#attempts);
      const timeoutMs = deadlineMs - now();
      if (candidate === undefined || timeoutMs <= 0) {
        break;
      }
      const attempt = new Attempt(this, candidate, now());
      this.#current = attempt;
      this.#attempts += 1;
      let call: AttemptCall | undefined;
      try {
        call = open(candidate, { number: this.#attempts, timeoutMs }, attempt);
      } catch (error) {
        this.#finish();
        this.#options.listener.failed(AppError.from(error));
        return;
      }
      if (call !== undefined) {
        // An attempt may fail before `open` returns; then another one is already current.
        if (this.#current === attempt) {
          this.#call = call;
        }
        return;
      }
      this.#attempts -= 1;
      this.#finish();
      this.#unserved.push(candidate);
    }
    this.#waitOrFail();
  }

  /** Everything was tried: what only lacked a worker is tried again when there is one. */
  #waitOrFail(): void {
    const { awaitWorker, now, deadlineMs, listener } = this.#options;
    const unserved = this.#unserved;
    this.#waitUntilMs ??= Math.min(now() + WORKER_WAIT_MS, deadlineMs);
    const timeoutMs = this.#waitUntilMs - now();
    const mayTry = unserved.length > 0 && this.#attempts < ATTEMPTS_MAX && !this.#isAborted;
    const fail = () => {
      for (const candidate of unserved) {
        this.#record(candidate, noWorker, now());
      }
      const isTooLate = this.#failed.length === 0 && now() >= deadlineMs;
      listener.failed(isTooLate ? tooLateError() : toFinalError(this.#failed));
    };
    if (!mayTry || timeoutMs <= 0) {
      fail();
      return;
    }
    awaitWorker(unserved, timeoutMs, (isReady) => {
      if (!isReady || this.#isAborted) {
        fail();
        return;
      }
      this.#queue.restart(unserved);
      this.#unserved = [];
      this.#next();
    });
  }

  #record(candidate: Candidate, failure: AttemptFailure, startedMs: number): void {
    const { endpointId, provider, providerName, model } = candidate;
    const latencyMs = Math.max(0, Math.round(this.#options.now() - startedMs));
    this.#failed.push({ endpointId, provider, providerName, model, failure, latencyMs });
  }

  #finish(): void {
    this.#current = undefined;
    this.#call = undefined;
  }
}

function tooLateError(): AppError {
  return new AppError("timeout", "The time for this request was over before a provider was tried.");
}

/** One candidate's turn. Once over, what it still says is not heard. */
class Attempt implements AttemptSink {
  readonly candidate: Candidate;
  readonly startedMs: number;
  readonly #run: PlanRun;
  #hasStarted = false;

  constructor(run: PlanRun, candidate: Candidate, startedMs: number) {
    this.#run = run;
    this.candidate = candidate;
    this.startedMs = startedMs;
  }

  start(start: Start): void {
    if (this.#run.isCurrent(this)) {
      this.#hasStarted = true;
      this.#run.listener.started(this.candidate, start);
    }
  }

  output(bytes: Uint8Array): void {
    if (this.#run.isCurrent(this)) {
      this.#run.listener.output(bytes);
    }
  }

  end(end: End): void {
    if (this.#run.isCurrent(this)) {
      this.#run.finishAttempt().ended(this.candidate, end);
    }
  }

  fail(failure: AttemptFailure): void {
    if (!this.#run.isCurrent(this)) {
      return;
    }
    if (this.#hasStarted) {
      this.#run.finishAttempt().broken(this.candidate, failure);
    } else {
      this.#run.moveOn(this, failure);
    }
  }
}
