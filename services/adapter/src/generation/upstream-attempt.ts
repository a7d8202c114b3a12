import type { Timeouts } from "@fairlead/catalog";
import { AppError } from "@fairlead/errors";
import type { ProviderFaultInfo, ProviderRequest, Target } from "@fairlead/providers";
import type { ProviderBinding } from "../bindings/provider-binding.ts";
import type { SlotWaiter } from "../domain/concurrency-limit.ts";
import { faults } from "../domain/faults.ts";
import { type AttemptPhase, findTimeout } from "../domain/find-timeout.ts";
import { toConnectionFault } from "../upstream/connection-fault.ts";
import type { Deadlined } from "../upstream/deadline-sweeper.ts";
import type { Exchange, ExchangeListener } from "../upstream/exchange.ts";
import type { AnswerReader } from "./answer-reader.ts";
import type { GenerationContext } from "./generation-context.ts";
import { openReader } from "./open-reader.ts";

/**
 * After the answer's end a connection may take this long to finish, so that it can be used again.
 */
const LINGER_MS = 1_000;
const LINGER_BYTES_MAX = 64 * 1024;

/**
 * What becomes of the attempt. `finished`, `failed` or `abandoned` comes last, once, unless it was
 * stopped.
 */
export interface AttemptListener {
  /** Text for the client; several times while one read of the socket is worked through. */
  output(text: string): void;
  finished(): void;
  failed(fault: ProviderFaultInfo): void;
  /** It was not complete in the time that `abandon` gave it. */
  abandoned(): void;
  /** Told when one of these three threw: no other callback will come. */
  drop(reason: AppError): void;
}

export interface AttemptStart {
  readonly binding: ProviderBinding;
  readonly target: Target;
  readonly timeouts: Timeouts;
  readonly request: ProviderRequest;
  readonly requestId: string;
  /** Of the context's clock. */
  readonly arrivedAtMs: number;
}

/** One call of a provider, from its slot to its last byte, within all limits. */
export class UpstreamAttempt implements ExchangeListener, Deadlined, SlotWaiter {
  sweeperIndex = -1;
  slotTicket: SlotWaiter["slotTicket"];
  readonly #context: GenerationContext;
  readonly #start: AttemptStart;
  readonly #listener: AttemptListener;
  #phase: AttemptPhase = "queued";
  #exchange: Exchange | undefined;
  #reader: AnswerReader | undefined;
  #httpStatus = 0;
  #hasOutput = false;
  #isPaused = false;
  #sentAtMs = 0;
  #lastByteAtMs = 0;
  #abandonAtMs = Number.POSITIVE_INFINITY;
  #lingerUntilMs = 0;
  #lingerBytes = 0;

  constructor(context: GenerationContext, start: AttemptStart, listener: AttemptListener) {
    this.#context = context;
    this.#start = start;
    this.#listener = listener;
  }

  /** What was read so far; undefined before the head of an answer. */
  get reader(): AnswerReader | undefined {
    return this.#reader;
  }

  /** It got as far as trying a connection. */
  get hasReachedOut(): boolean {
    return this.#exchange !== undefined;
  }

  /** From the arrival to a connection, slot included; 0 when there was none. */
  get connectMs(): number {
    return this.#sentAtMs === 0 ? 0 : this.#sentAtMs - this.#start.arrivedAtMs;
  }

  start(): void {
    this.#context.sweeper.watch(this);
    const entry = this.#start.binding.limit.enter(this);
    if (entry === "taken") {
      this.takeSlot();
    } else if (entry === "full") {
      this.#fail(faults.busy());
    }
  }

  takeSlot(): void {
    this.#phase = "connecting";
    const { binding, request, requestId } = this.#start;
    this.#exchange = this.#context.upstream.open(binding.address, request, requestId, this);
  }

  /** The provider has its request, and the answer is not complete. */
  get isUnderway(): boolean {
    return this.#phase === "sent" || this.#phase === "answering";
  }

  /** The answer may take so much longer, and no more. */
  abandon(afterMs: number): void {
    this.#abandonAtMs = Math.min(this.#abandonAtMs, this.#context.now() + afterMs);
  }

  /** Gives up; the listener hears no more. */
  stop(): void {
    const phase = this.#phase;
    if (phase === "over") {
      return;
    }
    this.#phase = "over";
    this.#context.sweeper.forget(this);
    this.#exchange?.abort();
    const { limit } = this.#start.binding;
    if (phase === "queued") {
      limit.forget(this);
    } else {
      limit.leave();
    }
  }

  pause(): void {
    this.#isPaused = true;
    this.#exchange?.pause();
  }

  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      // The silence until now was ours.
      this.#lastByteAtMs = this.#context.now();
      this.#exchange?.resume();
    }
  }

  sent(): void {
    this.#phase = "sent";
    this.#sentAtMs = this.#context.now();
  }

  head(
    httpStatus: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    this.#phase = "answering";
    this.#httpStatus = httpStatus;
    this.#lastByteAtMs = this.#context.now();
    const { binding, target } = this.#start;
    const opened = openReader(
      binding.provider,
      target,
      { httpStatus, headers },
      this.#context.limits,
    );
    if ("code" in opened) {
      this.#fail(opened);
    } else {
      this.#reader = opened;
    }
  }

  data(chunk: Buffer): void {
    const reader = this.#reader;
    if (this.#phase === "lingering" || reader === undefined) {
      this.#linger(chunk.length);
      return;
    }
    this.#lastByteAtMs = this.#context.now();
    const text = reader.push(chunk);
    if (text !== "") {
      this.#hasOutput = true;
      this.#listener.output(text);
    }
    if (reader.fault !== undefined) {
      this.#fail(reader.fault);
    } else if (reader.isDone) {
      this.#finish(reader, false);
    }
  }

  closed(): void {
    if (this.#phase === "lingering" || this.#reader === undefined) {
      this.stop();
    } else {
      this.#finish(this.#reader, false);
    }
  }

  broken(error: Error): void {
    const reader = this.#reader;
    if (this.#phase === "lingering" || this.#phase === "over") {
      this.stop();
    } else if (reader === undefined) {
      this.#fail(toConnectionFault(error, 0));
    } else {
      this.#finish(reader, true);
    }
  }

  checkDeadline(nowMs: number): void {
    if (this.#phase === "lingering") {
      if (nowMs > this.#lingerUntilMs) {
        this.stop();
      }
      return;
    }
    if (nowMs > this.#abandonAtMs) {
      this.stop();
      this.#conclude(() => this.#listener.abandoned());
      return;
    }
    const { timeouts, arrivedAtMs, target } = this.#start;
    const fault = findTimeout(nowMs, {
      phase: this.#phase,
      timeouts,
      arrivedAtMs,
      sentAtMs: this.#sentAtMs,
      lastByteAtMs: this.#isPaused ? nowMs : this.#lastByteAtMs,
      isStream: target.isStream,
      hasBegun: this.#hasOutput || (this.#reader?.outputLength ?? 0) > 0,
      httpStatus: this.#httpStatus,
    });
    if (fault !== undefined) {
      this.#fail(fault);
    }
  }

  #finish(reader: AnswerReader, isBroken: boolean): void {
    const text = reader.end(isBroken);
    if (reader.fault !== undefined) {
      this.#fail(reader.fault);
      return;
    }
    if (!this.#hasOutput && reader.isEmpty) {
      this.#fail(faults.empty(this.#httpStatus));
      return;
    }
    if (text !== "") {
      this.#hasOutput = true;
      this.#listener.output(text);
    }
    if (this.#exchange?.isOver === true) {
      this.stop();
    } else {
      this.#phase = "lingering";
      this.#lingerUntilMs = this.#context.now() + LINGER_MS;
      this.resume();
    }
    this.#conclude(() => this.#listener.finished());
  }

  #fail(fault: ProviderFaultInfo): void {
    this.stop();
    const { binding, target } = this.#start;
    if (fault.code === "rate_limit_exceeded" && fault.retryAfterMs > 0) {
      this.#context.rateLimits.remember(
        binding.slug,
        target.upstreamModel,
        fault.retryAfterMs,
        this.#context.now(),
      );
    }
    this.#conclude(() => this.#listener.failed(fault));
  }

  /** What is thrown here would end no call: to the exchange the attempt is over. */
  #conclude(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#context.warn(error, this.#start.binding);
      this.#listener.drop(AppError.from(error));
    }
  }

  #linger(bytes: number): void {
    this.#lingerBytes += bytes;
    if (this.#lingerBytes > LINGER_BYTES_MAX) {
      this.stop();
    }
  }
}
