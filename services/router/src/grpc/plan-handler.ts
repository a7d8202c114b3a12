import { create } from "@fairlead/proto/wire";
import { attr, isSampled, startSpan } from "@fairlead/kit";
import {
  NoCandidate,
  type PlanRequest,
  type PlanResponse,
  PlanResponseSchema,
} from "@fairlead/proto/router/v1/router";
import { type Tracer, trace } from "@opentelemetry/api";
import { plan } from "../domain/policy/plan.ts";
import type { NoCandidateReason, Plan, PlannedExclusion } from "../domain/policy/plan-types.ts";
import type { RouterMetrics } from "../router-metrics.ts";
import { CandidateEncoder } from "./candidate-encoder.ts";
import type { RouterState } from "../router-state.ts";

const noCandidateCodes: Readonly<Record<NoCandidateReason, NoCandidate>> = {
  model_unknown: NoCandidate.MODEL_UNKNOWN,
  constraints: NoCandidate.CONSTRAINTS,
  no_provider: NoCandidate.NO_PROVIDER,
  context_length: NoCandidate.CONTEXT_LENGTH,
};

export type PlanHandler = (request: PlanRequest, traceparent: string | undefined) => PlanResponse;

/** Answers a plan, synchronously: nothing on this path waits for anything. */
export function createPlanHandler(state: RouterState, metrics: RouterMetrics): PlanHandler {
  const tracer = trace.getTracer("fairlead.router");
  const encoder = new CandidateEncoder();
  return (request, traceparent) => {
    const startedMs = performance.now();
    const nowMs = state.now();
    const { catalog, health, workers, random } = state;
    const planned = plan(request, { catalog, health, pools: workers, random, nowMs });
    if (planned.canary !== undefined) {
      health.sendCanary(planned.canary, nowMs);
    }
    const response = toPlanResponse(planned, request, state, encoder);
    metrics.recordPlan(planned, performance.now() - startedMs);
    if (isSampled(traceparent)) {
      tracePlan(tracer, traceparent, planned, nowMs);
    }
    return response;
  };
}

function toPlanResponse(
  planned: Plan,
  request: PlanRequest,
  state: RouterState,
  encoder: CandidateEncoder,
): PlanResponse {
  const response = create(PlanResponseSchema, {
    catalogVersion: state.catalog.version,
    strategy: planned.strategy,
    message: planned.message,
    noCandidate:
      planned.noCandidate === undefined
        ? NoCandidate.UNSPECIFIED
        : noCandidateCodes[planned.noCandidate],
    exclusions: planned.exclusions.map(toExclusion),
  });
  response.$unknown = planned.candidates.map((candidate) =>
    encoder.encode(candidate, request.parameters),
  );
  return response;
}

function toExclusion({ routed, reason, detail }: PlannedExclusion) {
  const { id, provider, model } = routed.endpoint;
  return { endpointId: id, provider, model, reason, detail };
}

function tracePlan(
  tracer: Tracer,
  parent: string | undefined,
  planned: Plan,
  startTime: number,
): void {
  startSpan(tracer, "plan", {
    parent,
    startTime,
    attributes: {
      [attr.strategy]: planned.strategy,
      [attr.candidates]: planned.candidates.length,
      [attr.excluded]: planned.excludedCount,
      ...(planned.noCandidate !== undefined && { [attr.errorType]: planned.noCandidate }),
    },
  }).end();
}
