import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { estimateCost } from "./estimate-cost.ts";
import type { PlanContext } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";
import { sortByKeys } from "./sort-by-keys.ts";

export const sorts = ["price", "throughput", "latency"] as const;

const typicalLatencyMs = 500;
const typicalThroughput = 50;

export type Sort = (typeof sorts)[number];

/**
 * A strict order, best first; ties go to the cheaper. Where latency or throughput is not known yet,
 * a typical figure stands in for it: such an endpoint is tried as soon as the known ones are worse
 * than that, and is not forced on anybody while they are better.
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
  const typical = sort === "latency" ? typicalLatencyMs : -typicalThroughput;
  return sortByKeys(
    byPrice,
    figures.map((figure) => figure ?? typical),
  );
}

function negate(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}
