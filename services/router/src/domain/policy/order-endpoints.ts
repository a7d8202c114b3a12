import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { healthBand } from "../health/health-band.ts";
import { bandEndpoints, type Bands } from "./band-endpoints.ts";
import { isNamedIn } from "./filter-providers.ts";
import { orderBySort, type Sort, sorts } from "./order-by-sort.ts";
import { orderByWeight } from "./order-by-weight.ts";
import type { PlanContext } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";

export interface Ordered {
  readonly endpoints: readonly RoutedEndpoint[];
  readonly strategy: string;
  readonly canary: string | undefined;
}

/**
 * Orders the endpoints of one model: by bands of health, and within a band as the request or its
 * suffix says. What `provider.order` names comes first whatever its band, unless it is ejected.
 */
export function orderEndpoints(
  endpoints: readonly RoutedEndpoint[],
  suffixSort: string,
  features: RequestFeatures,
  context: PlanContext,
): Ordered {
  const bands = bandEndpoints(endpoints, features, context);
  const explicit = features.request.provider?.sort ?? "";
  const sort = sorts.find((name) => name === (explicit === "" ? suffixSort : explicit));
  if (features.order.length > 0) {
    const { named, rest } = takeNamed(bands, features);
    const ordered = [...named, ...flattenBands(rest, sort, features, context)];
    return { endpoints: ordered, strategy: "order", canary: undefined };
  }
  const ordered = flattenBands(bands, sort, features, context);
  if (bands.isPanic) {
    return { endpoints: ordered, strategy: "panic", canary: undefined };
  }
  if (sort !== undefined) {
    return { endpoints: ordered, strategy: `sort:${sort}`, canary: undefined };
  }
  const strategy = features.request.stickyKey === 0n ? "weighted" : "sticky";
  return { ...promoteCanary(ordered, bands, context), strategy };
}

function flattenBands(
  bands: Bands,
  sort: Sort | undefined,
  features: RequestFeatures,
  context: PlanContext,
): RoutedEndpoint[] {
  return bands.lists.flatMap((list) => {
    if (list.length < 2) {
      return list;
    }
    return sort === undefined
      ? orderByWeight(list, features, context)
      : orderBySort(list, sort, features, context);
  });
}

/** The named endpoints in the order of their names; of one name's, those in a better band first. */
function takeNamed(
  bands: Bands,
  features: RequestFeatures,
): { named: RoutedEndpoint[]; rest: Bands } {
  const usable = bands.lists.slice(0, healthBand.ejected).flat();
  const named = features.order.flatMap((name) =>
    usable.filter((routed) => routed.providerNames.includes(name)),
  );
  const rest = bands.lists.map((list, band) =>
    band === healthBand.ejected
      ? list
      : list.filter((routed) => !isNamedIn(routed, features.order)),
  );
  return { named: [...new Set(named)], rest: { lists: rest, isPanic: bands.isPanic } };
}

/**
 * One request goes first to an ejected endpoint whose pause is over; should it fail, the request
 * moves on before any content. Nothing else would tell that the endpoint is back.
 */
function promoteCanary(
  ordered: readonly RoutedEndpoint[],
  bands: Bands,
  { health, nowMs }: PlanContext,
): { endpoints: readonly RoutedEndpoint[]; canary: string | undefined } {
  const ejected = bands.lists[healthBand.ejected] ?? [];
  const canary = ejected.find(({ endpoint }) => health.isCanaryDue(endpoint.id, nowMs));
  if (canary === undefined) {
    return { endpoints: ordered, canary: undefined };
  }
  const others = ordered.filter((routed) => routed !== canary);
  return { endpoints: [canary, ...others], canary: canary.endpoint.id };
}
