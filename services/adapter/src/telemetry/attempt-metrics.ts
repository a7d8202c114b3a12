import { attr, buckets, metric } from "@fairlead/kit";
import { type Attributes, metrics } from "@opentelemetry/api";
import type { AttemptReport } from "../generation/attempt-report.ts";

/** Gauges read at each scrape. */
export interface WorkerGauges {
  readonly streams: () => number;
  readonly queued: () => number;
  readonly connections: () => number;
  readonly unacknowledgedBills: () => number;
  readonly orphanedBills: () => number;
}

const SECOND_MS = 1_000;
/** More than a catalog holds. */
const MODELS_MAX = 20_000;

/** Returns what records one attempt. Call it after telemetry was started. */
export function createAttemptMetrics(gauges: WorkerGauges): (report: AttemptReport) => void {
  const meter = metrics.getMeter("fairlead.adapter");
  const duration = meter.createHistogram(metric.clientOperationDuration, {
    unit: "s",
    description: "Duration of calls of providers.",
    advice: { explicitBucketBoundaries: [...buckets.seconds] },
  });
  const firstChunk = meter.createHistogram(metric.clientTimeToFirstChunk, {
    unit: "s",
    description: "Time from a call's arrival to its first content.",
    advice: { explicitBucketBoundaries: [...buckets.seconds] },
  });
  const tokens = meter.createHistogram(metric.clientTokenUsage, {
    unit: "{token}",
    description: "Tokens of a call.",
    advice: { explicitBucketBoundaries: [...buckets.tokens] },
  });
  const faults = meter.createCounter("fairlead.adapter.faults", {
    unit: "{fault}",
    description: "Failed calls of providers by the code of their failure.",
  });
  observeWorker(gauges);
  const describe = createAttributeCache();
  return (report) => {
    const { fault, counted } = report;
    const { call, input, output } = describe(report);
    duration.record(
      report.durationMs / SECOND_MS,
      fault === undefined ? call : { ...call, [attr.errorType]: fault.code },
    );
    if (fault !== undefined) {
      faults.add(1, { [attr.providerName]: report.binding.slug, [attr.errorCode]: fault.code });
      return;
    }
    if (report.firstTokenMs > 0) {
      tokens.record(counted.usage.promptTokens, input);
      tokens.record(counted.usage.completionTokens, output);
      if (report.isStream) {
        firstChunk.record(report.firstTokenMs / SECOND_MS, call);
      }
    }
  };
}

interface CallAttributes {
  readonly call: Attributes;
  readonly input: Attributes;
  readonly output: Attributes;
}

/** The same three objects for a model each time: building them costs more than recording. */
function createAttributeCache(): (report: AttemptReport) => CallAttributes {
  const byModel = new Map<string, CallAttributes>();
  return ({ binding: { slug }, upstreamModel }) => {
    const key = `${slug}\n${upstreamModel}`;
    const known = byModel.get(key);
    if (known !== undefined) {
      return known;
    }
    const call = {
      [attr.operationName]: "chat",
      [attr.providerName]: slug,
      [attr.requestModel]: upstreamModel,
    };
    const attributes = {
      call,
      input: { ...call, [attr.tokenType]: "input" },
      output: { ...call, [attr.tokenType]: "output" },
    };
    if (byModel.size < MODELS_MAX) {
      byModel.set(key, attributes);
    }
    return attributes;
  };
}

function observeWorker(gauges: WorkerGauges): void {
  const meter = metrics.getMeter("fairlead.adapter");
  const observe = (name: string, unit: string, description: string, read: () => number): void => {
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      result.observe(read());
    });
  };
  observe("fairlead.adapter.streams", "{call}", "Calls in flight.", gauges.streams);
  observe("fairlead.adapter.queue", "{call}", "Calls that wait for a slot.", gauges.queued);
  observe(
    "fairlead.adapter.upstream.connections",
    "{connection}",
    "Connections to providers.",
    gauges.connections,
  );
  observe(
    "fairlead.adapter.bills.unacknowledged",
    "{bill}",
    "Bills that no gateway has acknowledged yet.",
    gauges.unacknowledgedBills,
  );
  observe(
    "fairlead.adapter.bills.orphaned",
    "{bill}",
    "Orphaned bills that the bus has not stored yet.",
    gauges.orphanedBills,
  );
}
