import { AppError } from "@fairlead/errors";
import type { RouterService } from "@fairlead/proto/router/v1/router";
import type { ServiceHandlers } from "@fairlead/rpc";
import type { RoutedEndpoint } from "../domain/catalog/routed-endpoint.ts";
import type { PoolView } from "../domain/policy/plan-types.ts";
import { resolveModel } from "../domain/policy/resolve-models.ts";
import type { RouterMetrics } from "../router-metrics.ts";
import { toCandidateInit } from "./candidate-encoder.ts";
import { describeEndpoint, describeModel, describeProvider } from "./describe-catalog.ts";
import { createPlanHandler } from "./plan-handler.ts";
import type { RouterState } from "../router-state.ts";

const idleEndpointsMax = 10_000;

/** The handlers of RouterService, for plain gRPC and for links. */
export function createRouterHandlers(
  state: RouterState,
  metrics: RouterMetrics,
): ServiceHandlers<typeof RouterService> {
  const handlePlan = createPlanHandler(state, metrics);
  return {
    plan: async (request, context) => handlePlan(request, context.traceparent),
    listModels: async () => listModels(state),
    listEndpoints: async ({ model }) => listEndpoints(state, model),
    listProviders: async () => ({
      providers: [...state.catalog.catalog.providers.values()]
        .filter((provider) => !provider.isDisabled)
        .map((provider) =>
          describeProvider(provider, state.workers.poolOf(provider.slug) !== undefined),
        ),
    }),
    listIdleEndpoints: async ({ idleMs, limit }) => ({
      endpoints: listIdle(state, idleMs, Math.min(limit || idleEndpointsMax, idleEndpointsMax)),
    }),
  };
}

function listModels({ catalog, workers }: RouterState) {
  const models = [...catalog.endpointsByModel].flatMap(([id, endpoints]) => {
    const model = catalog.catalog.models.get(id);
    const shown = selectShown(endpoints, workers);
    return model === undefined || shown.endpoints.length === 0
      ? []
      : [describeModel(model, shown.endpoints, shown.isServed)];
  });
  return { models, catalogVersion: catalog.version };
}

/**
 * What a model is described by: its endpoints that a live worker can call, for a price or a context
 * that nobody here serves would mislead. All of them only where nobody serves any.
 */
function selectShown(endpoints: readonly RoutedEndpoint[], workers: PoolView) {
  const enabled = endpoints.filter(({ endpoint }) => !endpoint.isDisabled);
  const served = enabled.filter(({ endpoint }) => workers.poolOf(endpoint.provider) !== undefined);
  return served.length > 0
    ? { endpoints: served, isServed: true }
    : { endpoints: enabled, isServed: false };
}

function listEndpoints({ catalog, health, workers, now }: RouterState, name: string) {
  const { id } = resolveModel(name, catalog);
  const model = id === undefined ? undefined : catalog.catalog.models.get(id);
  const shown = selectShown(catalog.endpointsByModel.get(id ?? "") ?? [], workers);
  if (model === undefined || shown.endpoints.length === 0) {
    throw new AppError("not_found", `Model ${name.slice(0, 200)} does not exist.`, {
      param: "model",
    });
  }
  const nowMs = now();
  return {
    model: describeModel(model, shown.endpoints, shown.isServed),
    endpoints: shown.endpoints.map((routed) =>
      describeEndpoint(routed, health.find(routed.endpoint.id), shown.isServed, nowMs),
    ),
  };
}

/** Endpoints that can be called and were not for so long; those that are down come first. */
function listIdle(state: RouterState, idleMs: number, limit: number) {
  const nowMs = state.now();
  const idle: { routed: RoutedEndpoint; pool: string; rank: number }[] = [];
  for (const routed of state.catalog.endpoints.values()) {
    const { id, provider, isDisabled } = routed.endpoint;
    const pool = isDisabled ? undefined : state.workers.poolOf(provider);
    const health = state.health.find(id);
    const isIdle = nowMs - (health?.lastAttemptMs ?? 0) >= idleMs;
    const isOpen = health !== undefined && health.breakerState(nowMs) !== "closed";
    if (pool !== undefined && (isIdle || isOpen)) {
      idle.push({ routed, pool, rank: isOpen ? 0 : (health?.lastAttemptMs ?? 1) });
    }
  }
  idle.sort((a, b) => a.rank - b.rank);
  return idle.slice(0, limit).map((each) => toCandidateInit(each, []));
}
