import { codes, type ErrorCode } from "@fairlead/errors";
import { attr, buckets, createHistogram, metric } from "@fairlead/kit";
import { type Counter, metrics } from "@opentelemetry/api";
import { OPERATION, type RequestFacts } from "./request-facts.ts";

const LABELS = [attr.operationName, attr.requestModel, attr.providerName, attr.errorType];
const CALL_LABELS = [attr.operationName, attr.requestModel, attr.providerName];
const SECOND_MS = 1_000;
const OK = 200;
const overheadBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** Nano-USD: from a millionth of a dollar to ten. */
const costBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** Counters and histograms of inference requests. No prompt and no key ever reaches them. */
export class ChatMetrics {
  readonly #duration = createHistogram(metric.serverRequestDuration, {
    description: "Requests from their arrival to their last byte",
    unit: "s",
    bounds: [0.005, ...buckets.seconds],
    labels: LABELS,
  });
  readonly #firstToken = createHistogram(metric.serverTimeToFirstToken, {
    description: "Requests from their arrival to their first content",
    unit: "s",
    bounds: [0.005, ...buckets.seconds],
    labels: LABELS,
  });
  readonly #perToken = createHistogram(metric.serverTimePerOutputToken, {
    description:
      "Streams: time after the first content, for each output token. Reasoning tokens count, though " +
      "some providers spend them before it: there this is too short",
    unit: "s",
    bounds: buckets.secondsPerToken,
    labels: CALL_LABELS,
  });
  readonly #overhead = createHistogram("fairlead.gateway.overhead", {
    description:
      "Whole answers at the first attempt: time beyond the worker's call of the provider",
    unit: "s",
    bounds: overheadBounds,
  });
  readonly #firstTokenOverhead = createHistogram("fairlead.gateway.first_token.overhead", {
    description: "Streams at the first attempt: time to first content beyond the provider's own",
    unit: "s",
    bounds: overheadBounds,
  });
  readonly #cost = createHistogram("fairlead.gateway.cost", {
    description: "What requests were charged",
    unit: "nUSD",
    bounds: costBounds,
    labels: [attr.requestModel, attr.providerName],
  });
  readonly #rejected: Counter;
  readonly #broken: Counter;
  /** Attempts after the first. */
  #failovers = 0;

  constructor() {
    const meter = metrics.getMeter("fairlead.gateway");
    this.#rejected = meter.createCounter("fairlead.gateway.rejected", {
      unit: "{request}",
      description: "Requests refused before any attempt",
    });
    this.#broken = meter.createCounter("fairlead.gateway.streams.broken", {
      unit: "{stream}",
      description: "Streams that failed after their status 200 was sent",
    });
    // So that the series is there before the first one: a rate needs a value to rise from.
    this.#broken.add(0, { [attr.errorType]: "provider_unavailable" });
    meter
      .createObservableCounter("fairlead.gateway.failovers", {
        unit: "{attempt}",
        description: "Attempts after the first of a request",
      })
      .addCallback((result) => result.observe(this.#failovers));
  }

  countRejection(code: ErrorCode): void {
    this.#rejected.add(1, { [attr.errorType]: code });
  }

  record(facts: RequestFacts): void {
    const { event, errorCode = "", durationMs, firstTokenMs, isStream } = facts;
    const model = event?.model ?? "";
    const provider = event?.provider ?? "";
    this.#failovers += Math.max(0, facts.attempts - 1);
    this.#duration.record(durationMs / SECOND_MS, OPERATION, model, provider, errorCode);
    if (firstTokenMs > 0) {
      this.#firstToken.record(firstTokenMs / SECOND_MS, OPERATION, model, provider, errorCode);
    }
    if (event !== undefined && event.costNano > 0n) {
      this.#cost.record(Number(event.costNano), model, provider);
    }
    if (isStream && facts.statusCode === OK && isOurs(errorCode)) {
      this.#broken.add(1, { [attr.errorType]: errorCode });
    }
    if (errorCode === "") {
      this.#recordSpeed(facts, model, provider);
    }
  }

  #recordSpeed(facts: RequestFacts, model: string, provider: string): void {
    const { isStream, end, event, attempts, durationMs, firstTokenMs } = facts;
    if (end === undefined) {
      return;
    }
    const followers = Number(event?.tokens?.completionTokens ?? 0n) - 1;
    if (isStream && firstTokenMs > 0 && followers > 0) {
      const perTokenMs = Math.max(0, durationMs - firstTokenMs) / followers;
      this.#perToken.record(perTokenMs / SECOND_MS, OPERATION, model, provider);
    }
    if (attempts !== 1) {
      return;
    }
    if (!isStream) {
      const addedMs = durationMs - end.durationUs / SECOND_MS;
      this.#overhead.record(Math.max(0, addedMs) / SECOND_MS);
    } else if (firstTokenMs > 0) {
      const addedMs = firstTokenMs - facts.providerFirstTokenMs;
      this.#firstTokenOverhead.record(Math.max(0, addedMs) / SECOND_MS);
    }
  }
}

/** Not the client's: a code that would have been a status of 500 or more. */
function isOurs(errorCode: string): boolean {
  return (codes[errorCode as ErrorCode]?.http ?? 0) >= 500;
}
