import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { type HealthBand, healthBand } from "../health/health-band.ts";
import type { Percentiles } from "@fairlead/proto/router/v1/router";
import type { PlanContext } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";

export interface Bands {
  /** By band, best first; within a band in the order that they came. */
  readonly lists: readonly RoutedEndpoint[][];
  /** Everything is bad: bands say nothing, so all stand in the first. */
  readonly isPanic: boolean;
}

const quantiles = [
  ["p50", 0.5],
  ["p75", 0.75],
  ["p90", 0.9],
  ["p99", 0.99],
] as const;

/** Sorts endpoints into bands by health; a missed `preferred_*` target is a band of its own. */
export function bandEndpoints(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  context: PlanContext,
): Bands {
  const { health, nowMs } = context;
  const lists: RoutedEndpoint[][] = [[], [], [], []];
  let isPanic = true;
  for (const routed of endpoints) {
    let band: HealthBand = health.band(routed.endpoint.id, nowMs);
    if (band < healthBand.outage) {
      isPanic = false;
    }
    if (band === healthBand.normal && !meetsTargets(routed.endpoint.id, features, context)) {
      band = healthBand.degraded;
    }
    lists[band]?.push(routed);
  }
  return isPanic ? { lists: [[...endpoints], [], [], []], isPanic } : { lists, isPanic };
}

/** Soft: an endpoint that misses a cutoff goes behind, and one without figures is trusted. */
function meetsTargets(id: string, features: RequestFeatures, context: PlanContext): boolean {
  const { provider } = features.request;
  const { health, nowMs } = context;
  const latency = provider?.preferredMaxLatencySeconds;
  const throughput = provider?.preferredMinThroughput;
  return (
    isMet(latency, (cutoffSeconds, quantile) => {
      const actualMs = health.latencyQuantile(id, quantile, nowMs);
      return actualMs === undefined || actualMs <= cutoffSeconds * 1_000;
    }) &&
    isMet(throughput, (cutoff, quantile) => {
      // "p90 of throughput" is what 90 % of the requests reach.
      const actual = health.throughputQuantile(id, 1 - quantile, nowMs);
      return actual === undefined || actual >= cutoff;
    })
  );
}

function isMet(
  cutoffs: Percentiles | undefined,
  check: (cutoff: number, quantile: number) => boolean,
): boolean {
  if (cutoffs === undefined) {
    return true;
  }
  return quantiles.every(([name, quantile]) => {
    const cutoff = cutoffs[name];
    return cutoff === undefined || check(cutoff, quantile);
  });
}
