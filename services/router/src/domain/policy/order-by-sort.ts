import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { estimateCost } from "./estimate-cost.ts";
import type { PlanContext } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";
import { sortByKeys } from "./sort-by-keys.ts";

export const sorts = ["price", "throughput", "latency"] as const;

export type Sort = (typeof sorts)[number];

/**
 * A strict order, best first. Where latency or throughput is not known yet, the endpoint stands
 * with the median of those that are known: neither favoured nor starved. Ties go to the cheaper.
 */
export function orderBySort(
  endpoints: readonly RoutedEndpoint[],
  sort: Sort,
  features: RequestFeatures,
  context: PlanContext,
): RoutedEndpoint[] {
  const costs = endpoints.map((routed) => estimateCost(routed, features));
  const byPrice = sortByKeys(endpoints, costs);
  if (sort === "price") {
    return byPrice;
  }
  const { health, nowMs } = context;
  const figures = byPrice.map(({ endpoint }) =>
    sort === "latency"
      ? health.latencyMs(endpoint.id, nowMs)
      : negate(health.throughput(endpoint.id, nowMs)),
  );
  const known = figures.filter((figure) => figure !== undefined).sort((a, b) => a - b);
  const median = known[Math.floor((known.length - 1) / 2)] ?? 0;
  return sortByKeys(
    byPrice,
    figures.map((figure) => figure ?? median),
  );
}

function negate(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}
