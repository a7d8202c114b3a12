import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { ExclusionLog } from "./exclusion-log.ts";
import { filterEndpoints } from "./filter-endpoints.ts";
import { refuseFiltered, refuseUnknownModel } from "./messages.ts";
import { type Ordered, orderEndpoints } from "./order-endpoints.ts";
import type { Plan, PlanContext, PlannedCandidate, PlanRequest } from "./plan-types.ts";
import { type RequestFeatures, readFeatures } from "./request-features.ts";
import { type ResolvedModel, resolveModel } from "./resolve-models.ts";

/** More are never tried in one request; later ones would only make the plan larger. */
export const candidatesMax = 8;
const modelsMax = 16;

/**
 * Chooses the candidates of a request, in the order in which to try them.
 *
 * Pure: with the same request, catalog, health, pools, random draws and time, the plan is the same.
 * Stages: resolve the models, filter, band by health, order, cut to the fallback list.
 */
export function plan(request: PlanRequest, context: PlanContext): Plan {
  const features = readFeatures(request);
  const names = request.models.slice(0, modelsMax);
  const resolved = names.map((name) => resolveModel(name, context.catalog));
  if (!resolved.some((model) => model.isKnown || model.id !== undefined)) {
    return refuse(refuseUnknownModel(names), []);
  }
  const log = new ExclusionLog();
  const groups = groupByModel(resolved, features, context);
  const kept = groups.map((group) => ({
    ...group,
    endpoints: filterEndpoints(group.endpoints, features, context.pools, log),
  }));
  const remaining = kept.filter((group) => group.endpoints.length > 0);
  if (remaining.length === 0) {
    const known = groups.flatMap((group) => group.endpoints);
    return refuse(refuseFiltered(log.last, names, known, features), log.list());
  }
  const ordered = remaining.map((group) =>
    orderEndpoints(group.endpoints, group.sort, features, context),
  );
  const chosen = selectFallbacks(ordered, features, log);
  return {
    candidates: chosen.map((routed) => toCandidate(routed, features, context)),
    exclusions: request.explain ? log.list() : [],
    excludedCount: log.size,
    noCandidate: undefined,
    message: "",
    strategy: ordered[0]?.strategy ?? "",
    canary: ordered[0]?.canary,
  };
}

interface Group {
  readonly sort: string;
  readonly endpoints: readonly RoutedEndpoint[];
}

/** One group for each model, or one of all models when the request sorts across them. */
function groupByModel(
  models: readonly ResolvedModel[],
  features: RequestFeatures,
  { catalog }: PlanContext,
): Group[] {
  const groups: Group[] = [];
  const seen = new Set<string>();
  for (const { id, sort } of models) {
    if (id !== undefined && !seen.has(id)) {
      seen.add(id);
      groups.push({ sort, endpoints: catalog.endpointsByModel.get(id) ?? [] });
    }
  }
  if (features.request.provider?.sortAcrossModels === true && groups.length > 1) {
    return [{ sort: groups[0]?.sort ?? "", endpoints: groups.flatMap((group) => group.endpoints) }];
  }
  return groups;
}

/**
 * The first model's candidates, then those of the next. Each later model keeps a place of its own,
 * for it is there against failures that all endpoints of the first share.
 */
function selectFallbacks(
  ordered: readonly Ordered[],
  { request, order }: RequestFeatures,
  log: ExclusionLog,
): RoutedEndpoint[] {
  const isSingle = request.provider?.allowFallbacks === false && order.length === 0;
  const chosen: RoutedEndpoint[] = [];
  for (const [index, { endpoints }] of ordered.entries()) {
    const reserved = Math.min(ordered.length - 1 - index, candidatesMax - 1);
    const places = isSingle ? 1 : Math.max(0, candidatesMax - chosen.length - reserved);
    chosen.push(...endpoints.slice(0, places));
    const over = new Set(endpoints.slice(places));
    if (over.size > 0) {
      log.keep(
        endpoints,
        isSingle ? "fallbacks_off" : "over_limit",
        (routed) => !over.has(routed),
        () => (isSingle ? "provider.allow_fallbacks is false" : "enough candidates before it"),
      );
    }
  }
  return chosen;
}

function toCandidate(
  routed: RoutedEndpoint,
  { parameters }: RequestFeatures,
  { pools }: PlanContext,
): PlannedCandidate {
  return {
    routed,
    pool: pools.poolOf(routed.endpoint.provider) ?? "",
    unsupported: parameters & ~routed.parameters,
  };
}

function refuse(
  { noCandidate, message }: Pick<Plan, "message"> & { noCandidate: Plan["noCandidate"] },
  exclusions: Plan["exclusions"],
): Plan {
  return {
    candidates: [],
    exclusions,
    excludedCount: exclusions.length,
    noCandidate,
    message,
    strategy: "",
    canary: undefined,
  };
}
