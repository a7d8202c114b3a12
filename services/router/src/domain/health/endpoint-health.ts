import { Breaker, type BreakerState } from "./breaker.ts";
import { DecayedCounts } from "./decayed-counts.ts";
import { type HealthBand, healthBand } from "./health-band.ts";
import type { Outcome } from "./outcome.ts";
import { OutcomeWindow } from "./outcome-window.ts";
import { PeakEwma } from "./peak-ewma.ts";
import { QuantileWindow } from "./quantile-window.ts";

const minuteMs = 60_000;
export const windowsMs = {
  fiveMinutes: 5 * minuteMs,
  halfHour: 30 * minuteMs,
  day: 1_440 * minuteMs,
};

const recentHalfLifeMs = 5_000;
const outageHalfLifeMs = 10_000;
const ewmaDecayMs = 10_000;
const outageRatio = 0.5;
const outageVolumeMin = 3;
/**
 * Shares of uptime over five minutes below which an endpoint goes behind, from so many attempts.
 */
const uptimeAttemptsMin = 20;
const degradedUptime = 0.95;
const downUptime = 0.8;
/** For a 429 that does not say how long. */
const rateLimitPauseMs = 1_000;
const rateLimitPauseMaxMs = 60_000;
const headroomMin = 0.05;
const cacheMs = 1_000;
/** Older than this, the moving average gives way to the median of the last half hour. */
const ewmaStaleMs = 30_000;
export const wantedQuantiles = [0.5, 0.75, 0.9, 0.99, 0.25, 0.1, 0.01] as const;

/** One endpoint's health, rebuilt from its attempts and probes. Memory is bounded (about 12 kB). */
export class EndpointHealth {
  readonly #breaker = new Breaker();
  readonly #recent = new DecayedCounts(recentHalfLifeMs);
  readonly #outage = new DecayedCounts(outageHalfLifeMs);
  readonly #minutes = new OutcomeWindow(minuteMs, 30);
  /** As `#minutes`, but begun anew when the endpoint comes back from an ejection. */
  #sinceRecovery = new OutcomeWindow(minuteMs, 5);
  readonly #quarters = new OutcomeWindow(15 * minuteMs, 96);
  readonly #latency = new PeakEwma(ewmaDecayMs);
  readonly #throughput = new PeakEwma(ewmaDecayMs);
  #latencies: QuantileWindow | undefined;
  #throughputs: QuantileWindow | undefined;
  #rateLimitedUntilMs = 0;
  #lastAttemptMs = 0;
  #uptimeBand: { band: HealthBand; untilMs: number } = { band: healthBand.normal, untilMs: 0 };
  readonly #cached = new Map<string, { values: readonly number[] | undefined; untilMs: number }>();

  record(outcome: Outcome, nowMs: number): void {
    this.#lastAttemptMs = Math.max(this.#lastAttemptMs, nowMs);
    if (outcome.kind === "rate_limited") {
      const pauseMs = outcome.retryAfterMs > 0 ? outcome.retryAfterMs : rateLimitPauseMs;
      this.#rateLimitedUntilMs = nowMs + Math.min(pauseMs, rateLimitPauseMaxMs);
      this.#recent.add("rateLimited", nowMs);
    } else if (outcome.kind !== "neutral") {
      const isSuccess = outcome.kind === "success";
      this.#count(isSuccess, nowMs);
      if (isSuccess && this.#breaker.state(nowMs) !== "closed") {
        // It is back: what it did before says nothing of it any more.
        this.#recent.forgetFailures();
        this.#outage.forgetFailures();
        this.#sinceRecovery = new OutcomeWindow(minuteMs, 5);
        this.#uptimeBand = { band: healthBand.normal, untilMs: 0 };
      }
    }
    this.#breaker.record(outcome, this.#recent.failureRatio(nowMs), nowMs);
  }

  recordLatency(firstTokenMs: number, nowMs: number): void {
    this.#latency.add(firstTokenMs, nowMs);
    this.#latencies ??= new QuantileWindow(minuteMs, 30);
    this.#latencies.add(firstTokenMs, nowMs);
  }

  recordThroughput(tokensPerSecond: number, nowMs: number): void {
    // Inverted, so that the average drops to a slow answer at once.
    this.#throughput.add(1 / tokensPerSecond, nowMs);
    this.#throughputs ??= new QuantileWindow(minuteMs, 30);
    this.#throughputs.add(tokensPerSecond * 10, nowMs);
  }

  /** A probe that works is no proof that a generation would, but reason to try one. */
  recordProbeUp(nowMs: number): void {
    this.#breaker.allowCanary(nowMs);
  }

  band(nowMs: number): HealthBand {
    if (this.#breaker.state(nowMs) !== "closed") {
      return healthBand.ejected;
    }
    if (nowMs < this.#rateLimitedUntilMs || this.#hasOutage(nowMs)) {
      return healthBand.outage;
    }
    return this.#bandOfUptime(nowMs);
  }

  /** How often it was ejected. */
  get ejections(): number {
    return this.#breaker.ejections;
  }

  breakerState(nowMs: number): BreakerState {
    return this.#breaker.state(nowMs);
  }

  isCanaryDue(nowMs: number): boolean {
    return this.#breaker.isCanaryDue(nowMs) && nowMs >= this.#rateLimitedUntilMs;
  }

  sendCanary(nowMs: number): void {
    this.#breaker.sendCanary(nowMs);
  }

  reliability(nowMs: number): number {
    return 1 - this.#recent.failureRatio(nowMs);
  }

  headroom(nowMs: number): number {
    return Math.max(headroomMin, 1 - this.#recent.rateLimitRatio(nowMs));
  }

  latencyMs(nowMs: number): number | undefined {
    return nowMs - this.#latency.atMs < ewmaStaleMs
      ? this.#latency.value
      : this.latencyQuantiles(windowsMs.halfHour, nowMs)?.[0];
  }

  /** Output tokens per second. */
  throughput(nowMs: number): number | undefined {
    const inverse = this.#throughput.value;
    return inverse !== undefined && nowMs - this.#throughput.atMs < ewmaStaleMs
      ? 1 / inverse
      : this.throughputQuantiles(windowsMs.halfHour, nowMs)?.[0];
  }

  get lastAttemptMs(): number {
    return this.#lastAttemptMs;
  }

  /** Percent; undefined below `attemptsMin`, where a share would mislead. */
  uptimePercent(windowMs: number, attemptsMin: number, nowMs: number): number | undefined {
    const window = windowMs > windowsMs.halfHour ? this.#quarters : this.#minutes;
    const { successes, attempts } = window.sum(windowMs, nowMs);
    return attempts < attemptsMin ? undefined : (100 * successes) / attempts;
  }

  /** Values of `wantedQuantiles`; remembered for a second. */
  latencyQuantiles(windowMs: number, nowMs: number): readonly number[] | undefined {
    return this.#remember(`latency${windowMs}`, nowMs, () =>
      this.#latencies?.quantiles(windowMs, wantedQuantiles, nowMs),
    );
  }

  throughputQuantiles(windowMs: number, nowMs: number): readonly number[] | undefined {
    return this.#remember(`throughput${windowMs}`, nowMs, () =>
      this.#throughputs?.quantiles(windowMs, wantedQuantiles, nowMs)?.map((tenths) => tenths / 10),
    );
  }

  #count(isSuccess: boolean, nowMs: number): void {
    const kind = isSuccess ? "success" : "failure";
    this.#recent.add(kind, nowMs);
    this.#outage.add(kind, nowMs);
    this.#minutes.add(isSuccess, nowMs);
    this.#sinceRecovery.add(isSuccess, nowMs);
    this.#quarters.add(isSuccess, nowMs);
  }

  #hasOutage(nowMs: number): boolean {
    return (
      this.#outage.volume(nowMs) >= outageVolumeMin &&
      this.#outage.failureRatio(nowMs) >= outageRatio
    );
  }

  #bandOfUptime(nowMs: number): HealthBand {
    if (nowMs >= this.#uptimeBand.untilMs) {
      const { successes, attempts } = this.#sinceRecovery.sum(windowsMs.fiveMinutes, nowMs);
      const uptime = attempts < uptimeAttemptsMin ? 1 : successes / attempts;
      const band =
        uptime < downUptime
          ? healthBand.outage
          : uptime < degradedUptime
            ? healthBand.degraded
            : healthBand.normal;
      this.#uptimeBand = { band, untilMs: nowMs + cacheMs };
    }
    return this.#uptimeBand.band;
  }

  #remember(
    key: string,
    nowMs: number,
    compute: () => readonly number[] | undefined,
  ): readonly number[] | undefined {
    const cached = this.#cached.get(key);
    if (cached !== undefined && nowMs < cached.untilMs) {
      return cached.values;
    }
    const values = compute();
    this.#cached.set(key, { values, untilMs: nowMs + cacheMs });
    return values;
  }
}
