import type { AttemptBatch, ProbeResult } from "@fairlead/proto/events/v1/events";
import type { HealthView } from "../policy/plan-types.ts";
import { classifyAttempt, classifyFault } from "./classify-attempt.ts";
import { EndpointHealth, wantedQuantiles, windowsMs } from "./endpoint-health.ts";
import { type HealthBand, healthBand } from "./health-band.ts";
import type { Outcome } from "./outcome.ts";

/** Shorter completions say nothing of a rate. */
const rateTokensMin = 8;
/** Endpoints of removed models would stay for ever; this many are those of several catalogs. */
const endpointsMax = 50_000;

/** Health of every endpoint that had an attempt or a probe, from the events of all workers. */
export class HealthRegistry implements HealthView {
  readonly #endpoints = new Map<string, EndpointHealth>();
  readonly #onEject: (endpointId: string) => void;

  /** `onEject` hears of each endpoint that is taken out. */
  constructor(onEject: (endpointId: string) => void = () => undefined) {
    this.#onEject = onEject;
  }

  /** `nowMs` is the receiver's clock: an event of a clock that runs ahead counts as of now. */
  recordAttempts(batch: AttemptBatch, nowMs: number): void {
    const health = this.#open(batch.endpointId);
    for (const attempt of batch.attempts) {
      const atMs = Math.min(Number(attempt.atMs), nowMs);
      this.#record(batch.endpointId, classifyAttempt(attempt), atMs);
      if (attempt.firstTokenMs > 0) {
        health?.recordLatency(attempt.firstTokenMs, atMs);
      }
      const tokens = Number(attempt.completionTokens);
      if (attempt.isSuccess && tokens >= rateTokensMin && attempt.durationMs > 0) {
        health?.recordThroughput((tokens * 1_000) / attempt.durationMs, atMs);
      }
    }
  }

  recordProbe(probe: ProbeResult, nowMs: number): void {
    const health = this.#open(probe.endpointId);
    const atMs = Math.min(Number(probe.atMs), nowMs);
    if (probe.isUp) {
      health?.recordProbeUp(atMs);
    } else {
      const { fault } = probe;
      const outcome = fault === undefined ? { kind: "failure" as const } : classifyFault(fault);
      this.#record(probe.endpointId, outcome, atMs);
    }
  }

  find(endpointId: string): EndpointHealth | undefined {
    return this.#endpoints.get(endpointId);
  }

  sendCanary(endpointId: string, nowMs: number): void {
    this.#endpoints.get(endpointId)?.sendCanary(nowMs);
  }

  /** Drops what is of endpoints that are no more. */
  retain(isKnown: (endpointId: string) => boolean): void {
    for (const endpointId of this.#endpoints.keys()) {
      if (!isKnown(endpointId)) {
        this.#endpoints.delete(endpointId);
      }
    }
  }

  /** The endpoints that had an attempt or a probe. */
  endpointIds(): Iterable<string> {
    return this.#endpoints.keys();
  }

  band(endpointId: string, nowMs: number): HealthBand {
    return this.#endpoints.get(endpointId)?.band(nowMs) ?? healthBand.normal;
  }

  reliability(endpointId: string, nowMs: number): number {
    return this.#endpoints.get(endpointId)?.reliability(nowMs) ?? 1;
  }

  headroom(endpointId: string, nowMs: number): number {
    return this.#endpoints.get(endpointId)?.headroom(nowMs) ?? 1;
  }

  latencyMs(endpointId: string, nowMs: number): number | undefined {
    return this.#endpoints.get(endpointId)?.latencyMs(nowMs);
  }

  throughput(endpointId: string, nowMs: number): number | undefined {
    return this.#endpoints.get(endpointId)?.throughput(nowMs);
  }

  latencyQuantile(endpointId: string, quantile: number, nowMs: number): number | undefined {
    const values = this.#endpoints.get(endpointId)?.latencyQuantiles(windowsMs.fiveMinutes, nowMs);
    return values?.[findWanted(quantile)];
  }

  throughputQuantile(endpointId: string, quantile: number, nowMs: number): number | undefined {
    const values = this.#endpoints
      .get(endpointId)
      ?.throughputQuantiles(windowsMs.fiveMinutes, nowMs);
    return values?.[findWanted(quantile)];
  }

  isCanaryDue(endpointId: string, nowMs: number): boolean {
    return this.#endpoints.get(endpointId)?.isCanaryDue(nowMs) ?? false;
  }

  #record(endpointId: string, outcome: Outcome, atMs: number): void {
    const health = this.#endpoints.get(endpointId);
    const ejections = health?.ejections ?? 0;
    health?.record(outcome, atMs);
    if (health !== undefined && health.ejections > ejections) {
      this.#onEject(endpointId);
    }
  }

  #open(endpointId: string): EndpointHealth | undefined {
    let health = this.#endpoints.get(endpointId);
    if (health === undefined && this.#endpoints.size < endpointsMax) {
      health = new EndpointHealth();
      this.#endpoints.set(endpointId, health);
    }
    return health;
  }
}

function findWanted(quantile: number): number {
  return wantedQuantiles.findIndex((wanted) => Math.abs(wanted - quantile) < 1e-9);
}
