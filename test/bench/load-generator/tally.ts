import type { Connection } from "./connection.ts";
import { Histogram } from "./histogram.ts";
import type { JobResult } from "./job.ts";

const MICROSECONDS = 1000;
const SAMPLES_MAX = 1_000_000;

/** Gathers what the connections of one job report. */
export class Tally {
  readonly #latency = new Histogram();
  readonly #firstContent = new Histogram();
  readonly #statuses = new Map<number, number>();
  readonly #samples: number[] = [];
  readonly #hasSamples: boolean;
  readonly #stallMs: number;
  #requests = 0;
  #broken = 0;
  #events = 0;
  #stalls = 0;
  #gapMaxMs = 0;
  #lastFailure = "";

  constructor(options: { readonly hasSamples?: boolean; readonly stallMs?: number } = {}) {
    this.#hasSamples = options.hasSamples ?? false;
    this.#stallMs = options.stallMs ?? 0;
  }

  get requests(): number {
    return this.#requests;
  }

  firstContent(connection: Connection, now: number): void {
    this.#firstContent.record((now - connection.startedAt) * MICROSECONDS);
  }

  progress(gapMs: number): void {
    this.#gapMaxMs = Math.max(this.#gapMaxMs, gapMs);
    if (this.#stallMs > 0 && gapMs > this.#stallMs) {
      this.#stalls += 1;
    }
  }

  complete({ answer, startedAt }: Connection, now: number): void {
    const latency = (now - startedAt) * MICROSECONDS;
    this.#requests += 1;
    this.#events += answer.events;
    this.#latency.record(latency);
    this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1);
    if (answer.failure !== "") {
      this.#lastFailure = answer.failure;
    }
    if (this.#hasSamples && this.#samples.length < SAMPLES_MAX) {
      this.#samples.push(latency);
    }
  }

  /** Events of an answer that is given up before its end. */
  abandon({ answer }: Connection): void {
    this.#events += answer.events;
  }

  broken(): void {
    this.#broken += 1;
  }

  toResult(elapsedMs: number): JobResult {
    return {
      requests: this.#requests,
      statuses: Object.fromEntries(this.#statuses),
      broken: this.#broken,
      elapsedMs,
      events: this.#events,
      stalls: this.#stalls,
      gapMax: this.#gapMaxMs * MICROSECONDS,
      latency: this.#latency.toData(),
      firstContent: this.#firstContent.toData(),
      samples: this.#samples,
      lastFailure: this.#lastFailure,
    };
  }
}
