import { attr, buckets, createHistogram, metric } from "@fairlead/kit";
import { metrics } from "@opentelemetry/api";
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
const OPERATION = "chat";
const callLabels = [attr.operationName, attr.providerName, attr.requestModel];

/** Returns what records one attempt. Call it after telemetry was started. */
export function createAttemptMetrics(gauges: WorkerGauges): (report: AttemptReport) => void {
  const duration = createHistogram(metric.clientOperationDuration, {
    unit: "s",
    description: "Duration of calls of providers.",
    bounds: buckets.seconds,
    labels: [...callLabels, attr.errorType],
  });
  const firstChunk = createHistogram(metric.clientTimeToFirstChunk, {
    unit: "s",
    description: "Time from a call's arrival to its first content.",
    bounds: buckets.seconds,
    labels: callLabels,
  });
  const tokens = createHistogram(metric.clientTokenUsage, {
    unit: "{token}",
    description: "Tokens of a call.",
    bounds: buckets.tokens,
    labels: [...callLabels, attr.tokenType],
  });
  const faults = metrics.getMeter("fairlead.adapter").createCounter("fairlead.adapter.faults", {
    unit: "{fault}",
    description: "Failed calls of providers by the code of their failure.",
  });
  observeWorker(gauges);
  return (report) => {
    const { binding, upstreamModel, fault, counted } = report;
    const { slug } = binding;
    duration.record(
      report.durationMs / SECOND_MS,
      OPERATION,
      slug,
      upstreamModel,
      fault?.code ?? "",
    );
    if (fault !== undefined) {
      faults.add(1, { [attr.providerName]: slug, [attr.errorType]: fault.code });
      return;
    }
    if (report.firstTokenMs > 0) {
      const { promptTokens, completionTokens } = counted.usage;
      tokens.record(promptTokens, OPERATION, slug, upstreamModel, "input");
      tokens.record(completionTokens, OPERATION, slug, upstreamModel, "output");
      if (report.isStream) {
        firstChunk.record(report.firstTokenMs / SECOND_MS, OPERATION, slug, upstreamModel);
      }
    }
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
