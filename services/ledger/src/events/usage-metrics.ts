import { createHistogram } from "@fairlead/kit";
import { type Meter, ValueType } from "@opentelemetry/api";

/** What postings add up to since the process began. */
export interface UsageCounts {
  posted: number;
  duplicates: number;
  poison: number;
  /** Events whose stated cost was not that of their price. */
  misstated: number;
  gaps: number;
  overspentNano: bigint;
  lateNano: bigint;
}

export interface UsageMetrics {
  count(counts: Partial<UsageCounts>): void;
  recordPosting(durationSeconds: number): void;
  /** From the end of a request to the commit of its bill. */
  recordLag(lagSeconds: number): void;
}

/** Plain numbers on the hot path, read when metrics are collected. */
export function createUsageMetrics(meter: Meter): UsageMetrics {
  const totals: UsageCounts = {
    posted: 0,
    duplicates: 0,
    poison: 0,
    misstated: 0,
    gaps: 0,
    overspentNano: 0n,
    lateNano: 0n,
  };
  const events = meter.createObservableCounter("fairlead.ledger.usage.events", {
    unit: "{event}",
    description: "Usage events by what became of them.",
  });
  events.addCallback((result) => {
    result.observe(totals.posted, { outcome: "posted" });
    result.observe(totals.duplicates, { outcome: "duplicate" });
    result.observe(totals.poison, { outcome: "poison" });
    result.observe(totals.misstated, { outcome: "misstated" });
  });
  const gaps = meter.createObservableCounter("fairlead.ledger.lease.gaps", { unit: "{lease}" });
  gaps.addCallback((result) => result.observe(totals.gaps));
  for (const kind of ["overspent", "late"] as const) {
    const counter = meter.createObservableCounter(`fairlead.ledger.usage.${kind}`, {
      unit: "nUSD",
      valueType: ValueType.INT,
    });
    counter.addCallback((result) => result.observe(Number(totals[`${kind}Nano`])));
  }
  const posting = meter.createHistogram("fairlead.ledger.posting.duration", {
    unit: "s",
    advice: { explicitBucketBoundaries: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5] },
  });
  const lag = createHistogram("fairlead.ledger.usage.lag", {
    unit: "s",
    description: "From the end of a request, by its gateway's clock, to the commit of its bill.",
    bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
  });
  return {
    count(counts) {
      totals.posted += counts.posted ?? 0;
      totals.duplicates += counts.duplicates ?? 0;
      totals.poison += counts.poison ?? 0;
      totals.misstated += counts.misstated ?? 0;
      totals.gaps += counts.gaps ?? 0;
      totals.overspentNano += counts.overspentNano ?? 0n;
      totals.lateNano += counts.lateNano ?? 0n;
    },
    recordPosting: (durationSeconds) => posting.record(durationSeconds),
    recordLag: (lagSeconds) => lag.record(lagSeconds),
  };
}
