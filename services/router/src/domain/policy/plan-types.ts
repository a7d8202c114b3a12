import type { PlanRequest } from "@fairlead/proto/router/v1/router";
import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { RoutingCatalog } from "../catalog/routing-catalog.ts";
import type { HealthBand } from "../health/health-band.ts";

/** What the policy asks of an endpoint's health; figures are undefined where nothing is known. */
export interface HealthView {
  band(endpointId: string, nowMs: number): HealthBand;
  /** 0 to 1: share of recent attempts that did not fail. */
  reliability(endpointId: string, nowMs: number): number;
  /** 0 to 1: what the provider's rate limits leave. */
  headroom(endpointId: string, nowMs: number): number;
  /** Time to first token in milliseconds, quick to see a slow one. */
  latencyMs(endpointId: string, nowMs: number): number | undefined;
  /** Output tokens per second. */
  throughput(endpointId: string, nowMs: number): number | undefined;
  /** Quantiles of the last five minutes, in milliseconds and tokens per second. */
  latencyQuantile(endpointId: string, quantile: number, nowMs: number): number | undefined;
  throughputQuantile(endpointId: string, quantile: number, nowMs: number): number | undefined;
  /** Whether a request may go first to an ejected endpoint to see whether it is back. */
  isCanaryDue(endpointId: string, nowMs: number): boolean;
}

export interface PoolView {
  /** The pool of live workers that serve a provider. */
  poolOf(provider: string): string | undefined;
  /** 0 to 1: what the pool's workers have left of their capacity. */
  headroomOf(provider: string): number;
}

/** Everything a plan depends on beside the request: with the same, it is the same. */
export interface PlanContext {
  readonly catalog: RoutingCatalog;
  readonly health: HealthView;
  readonly pools: PoolView;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly nowMs: number;
}

export type ExclusionReason =
  | "context_length"
  | "data_policy"
  | "disabled"
  | "fallbacks_off"
  | "ignored"
  | "max_price"
  | "max_tokens"
  | "modality"
  | "no_worker"
  | "not_in_only"
  | "not_in_order"
  | "over_limit"
  | "parameters"
  | "quantization"
  | "tools"
  | "zdr";

export interface PlannedExclusion {
  readonly routed: RoutedEndpoint;
  readonly reason: ExclusionReason;
  readonly detail: string;
}

export interface PlannedCandidate {
  readonly routed: RoutedEndpoint;
  readonly pool: string;
  /** Bits of the request's parameters that the endpoint cannot take. */
  readonly unsupported: number;
}

export type NoCandidateReason = "model_unknown" | "constraints" | "no_provider" | "context_length";

export interface Plan {
  readonly candidates: readonly PlannedCandidate[];
  /** Filled when nothing is left, or when the request asks for it. */
  readonly exclusions: readonly PlannedExclusion[];
  readonly excludedCount: number;
  /** Undefined when there are candidates. */
  readonly noCandidate: NoCandidateReason | undefined;
  /** A sentence for the client; "" when there are candidates. */
  readonly message: string;
  /** weighted, sticky, order, sort:price, …, panic; "" without candidates. */
  readonly strategy: string;
  /** An ejected endpoint that this plan puts first to see whether it is back. */
  readonly canary: string | undefined;
}

export type { PlanRequest };
