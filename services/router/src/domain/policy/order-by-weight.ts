import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { estimateCost } from "./estimate-cost.ts";
import type { PlanContext } from "./plan-types.ts";
import { rendezvousUniform } from "./rendezvous.ts";
import type { RequestFeatures } from "./request-features.ts";
import { sortByKeys } from "./sort-by-keys.ts";

/** An endpoint this many times slower to its first token than the median is a gray failure. */
const slowFactor = 5;
/** Below this, slow is not worth steering around. */
const slowFloorMs = 500;
const slowWeight = 0.01;

/**
 * The default order. Each endpoint draws an exponential time of rate 1/price² × headroom × health,
 * and the times in order are the candidates: the first is endpoint i with probability weight i over
 * the sum, and each fallback is drawn the same way from those that are left.
 *
 * With a sticky key the draw is a hash of key and endpoint, and the weight is of the price alone,
 * so that a passing change of health does not move a conversation away from its cached prompt.
 */
export function orderByWeight(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  context: PlanContext,
): RoutedEndpoint[] {
  const { stickyKey } = features.request;
  const isSticky = stickyKey !== 0n;
  const slowMs = isSticky ? Number.POSITIVE_INFINITY : findSlowLimit(endpoints, context);
  const times = endpoints.map((routed) => {
    const cost = 1 + estimateCost(routed, features);
    if (isSticky) {
      return -Math.log(rendezvousUniform(stickyKey, routed.seed)) * cost * cost;
    }
    const weight = weighHealth(routed, context, slowMs) / (cost * cost);
    return -Math.log(1 - context.random()) / weight;
  });
  return sortByKeys(endpoints, times);
}

function weighHealth(routed: RoutedEndpoint, context: PlanContext, slowMs: number): number {
  const { health, pools, nowMs } = context;
  const { id, provider } = routed.endpoint;
  const isSlow = (health.latencyMs(id, nowMs) ?? 0) > slowMs;
  return (
    health.headroom(id, nowMs) *
    pools.headroomOf(provider) *
    health.reliability(id, nowMs) *
    (isSlow ? slowWeight : 1)
  );
}

function findSlowLimit(endpoints: readonly RoutedEndpoint[], context: PlanContext): number {
  const known = endpoints.flatMap(
    ({ endpoint }) => context.health.latencyMs(endpoint.id, context.nowMs) ?? [],
  );
  if (known.length < 2) {
    return Number.POSITIVE_INFINITY;
  }
  known.sort((a, b) => a - b);
  const median = known[Math.floor((known.length - 1) / 2)] ?? 0;
  return Math.max(slowFloorMs, median * slowFactor);
}
