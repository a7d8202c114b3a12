import { createHistogram } from "@fairlead/kit";
import { metrics } from "@opentelemetry/api";
import {
  countBands,
  countUsableEndpoints,
  type ServiceView,
} from "./domain/health/health-summary.ts";
import type { Plan } from "./domain/policy/plan-types.ts";
import type { RouterState } from "./router-state.ts";

export interface RouterMetrics {
  recordPlan(planned: Plan, durationMs: number): void;
  recordCatalogChange(outcome: "applied" | "refused"): void;
}

const planSeconds = [5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3];

/** Hot counts are plain numbers that are read when somebody scrapes. */
export function createRouterMetrics(state: RouterState): RouterMetrics {
  const meter = metrics.getMeter("fairlead.router");
  const plans = new Map<string, number>();
  const changes = { applied: 0, refused: 0 };
  const duration = createHistogram("fairlead.router.plan.duration", {
    unit: "s",
    description: "Time to choose and encode the candidates of a request",
    bounds: planSeconds,
  });
  meter
    .createObservableCounter("fairlead.router.plans", { description: "Plans by what came of them" })
    .addCallback((result) => {
      for (const [outcome, count] of plans) {
        result.observe(count, { outcome });
      }
    });
  meter
    .createObservableCounter("fairlead.router.catalog.changes", {
      description: "Edits of the operator's catalog files",
    })
    .addCallback((result) => {
      result.observe(changes.applied, { outcome: "applied" });
      result.observe(changes.refused, { outcome: "refused" });
    });
  observeState(state);
  return {
    recordPlan(planned, durationMs) {
      const outcome = planned.noCandidate ?? planned.strategy;
      plans.set(outcome, (plans.get(outcome) ?? 0) + 1);
      duration.record(durationMs / 1_000);
    },
    recordCatalogChange(outcome) {
      changes[outcome] += 1;
    },
  };
}

function observeState(state: RouterState): void {
  const meter = metrics.getMeter("fairlead.router");
  const observe = (name: string, description: string, read: () => number): void => {
    meter
      .createObservableGauge(name, { description })
      .addCallback((result) => result.observe(read()));
  };
  observe(
    "fairlead.router.catalog.endpoints",
    "Endpoints in the catalog",
    () => state.catalog.endpoints.size,
  );
  observe(
    "fairlead.router.catalog.version",
    "Low 32 bits of the catalog's version: equal on routers that agree",
    () => Number(state.catalog.version & 0xffff_ffffn),
  );
  observe(
    "fairlead.router.providers",
    "Providers that a live worker serves",
    () => state.workers.providers,
  );
  meter
    .createObservableGauge("fairlead.router.workers", {
      unit: "{worker}",
      description: "Live adapter workers by pool; 0 for a pool that had one within the last day",
    })
    .addCallback((result) => {
      for (const [pool, count] of state.workers.countByPool(state.now())) {
        result.observe(count, { pool });
      }
    });
  meter
    .createObservableGauge("fairlead.router.endpoints", {
      unit: "{endpoint}",
      description: "Endpoints that had an attempt, by provider and health",
    })
    .addCallback((result) => {
      for (const [provider, bands] of countBands(viewOf(state))) {
        for (const [band, count] of Object.entries(bands)) {
          result.observe(count, { provider, band });
        }
      }
    });
  meter
    .createObservableGauge("fairlead.router.model.usable_endpoints", {
      unit: "{endpoint}",
      description:
        "Endpoints of a model that a live worker serves and that are neither in an outage nor ejected",
    })
    .addCallback((result) => {
      for (const [model, count] of countUsableEndpoints(viewOf(state))) {
        result.observe(count, { model });
      }
    });
  meter
    .createObservableCounter("fairlead.router.ejections", {
      unit: "{ejection}",
      description: "How often an endpoint of a provider was ejected",
    })
    .addCallback((result) => {
      for (const [provider, count] of state.ejections) {
        result.observe(count, { provider });
      }
    });
}

function viewOf({ catalog, health, workers, now }: RouterState): ServiceView {
  return { catalog, health, pools: workers, nowMs: now() };
}
