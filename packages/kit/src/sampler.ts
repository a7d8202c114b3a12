import { type Context, TraceFlags, trace } from "@opentelemetry/api";
import {
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

const record: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED };
const drop: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

export interface SamplerOptions {
  /** Traces begun here and recorded each second, whatever the ratio. */
  readonly perSecond: number;
  /** Share of the traces beyond those. */
  readonly ratio: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/**
 * Follows the parent's decision. Begins a trace for the first `perSecond` requests of each second
 * and for a share of the rest: a quiet system shows every request, a busy one pays for few.
 */
export class RateAndRatioSampler implements Sampler {
  readonly #perSecond: number;
  readonly #ratio: TraceIdRatioBasedSampler;
  readonly #now: () => number;
  #tokens: number;
  #refilledAtMs: number;

  constructor(options: SamplerOptions) {
    this.#perSecond = options.perSecond;
    this.#ratio = new TraceIdRatioBasedSampler(options.ratio);
    this.#now = options.now ?? (() => performance.now());
    this.#tokens = options.perSecond;
    this.#refilledAtMs = this.#now();
  }

  shouldSample(context: Context, traceId: string): SamplingResult {
    const parent = trace.getSpanContext(context);
    if (parent !== undefined && trace.isSpanContextValid(parent)) {
      return parent.traceFlags & TraceFlags.SAMPLED ? record : drop;
    }
    return this.#takeToken() ? record : this.#ratio.shouldSample(context, traceId);
  }

  #takeToken(): boolean {
    const now = this.#now();
    const refill = ((now - this.#refilledAtMs) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + refill);
    this.#refilledAtMs = now;
    if (this.#tokens < 1) {
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  toString(): string {
    return "RateAndRatioSampler";
  }
}
