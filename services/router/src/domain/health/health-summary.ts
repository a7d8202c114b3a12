import type { RoutingCatalog } from "../catalog/routing-catalog.ts";
import type { PoolView } from "../policy/plan-types.ts";
import { healthBand } from "./health-band.ts";
import type { HealthRegistry } from "./health-registry.ts";

/** Series of one metric: of more models, those with the fewest usable endpoints are told. */
const modelsMax = 500;

export interface ServiceView {
  readonly catalog: RoutingCatalog;
  readonly health: Pick<HealthRegistry, "band" | "endpointIds">;
  readonly pools: Pick<PoolView, "poolOf">;
  readonly nowMs: number;
}

type BandCounts = Record<keyof typeof healthBand, number>;
const bandNames = Object.keys(healthBand) as (keyof typeof healthBand)[];

/** How many endpoints of each provider stand in each band, of those that had an attempt. */
export function countBands({ catalog, health, nowMs }: ServiceView): Map<string, BandCounts> {
  const byProvider = new Map<string, BandCounts>();
  for (const id of health.endpointIds()) {
    const provider = catalog.endpoints.get(id)?.endpoint.provider;
    if (provider === undefined) {
      continue;
    }
    let counts = byProvider.get(provider);
    if (counts === undefined) {
      counts = { normal: 0, degraded: 0, outage: 0, ejected: 0 };
      byProvider.set(provider, counts);
    }
    counts[bandNames[health.band(id, nowMs)] ?? "normal"] += 1;
  }
  return byProvider;
}

/**
 * Of each model that had an attempt: endpoints that a live worker serves and that are neither in
 * an outage nor ejected. Endpoints without an attempt count as usable, as they do for a plan.
 */
export function countUsableEndpoints(view: ServiceView): Map<string, number> {
  const { catalog, health, pools, nowMs } = view;
  const counts = new Map<string, number>();
  for (const id of health.endpointIds()) {
    const model = catalog.endpoints.get(id)?.endpoint.model;
    if (model === undefined || counts.has(model)) {
      continue;
    }
    const usable = (catalog.endpointsByModel.get(model) ?? []).filter(
      ({ endpoint }) =>
        !endpoint.isDisabled &&
        pools.poolOf(endpoint.provider) !== undefined &&
        health.band(endpoint.id, nowMs) < healthBand.outage,
    );
    counts.set(model, usable.length);
  }
  if (counts.size <= modelsMax) {
    return counts;
  }
  return new Map([...counts].toSorted((left, right) => left[1] - right[1]).slice(0, modelsMax));
}
