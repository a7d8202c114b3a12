import type { Outcome } from "./outcome.ts";

export type BreakerState = "closed" | "open" | "half_open";

/** Points that open the breaker. A failure is one; no answer at all is all of them at once. */
const pointsToOpen = 3;
const points = { failure: 1, unreachable: pointsToOpen } as const;
/** One failure is enough where this share of what just happened failed. */
const failureRatioToOpen = 0.3;
const pauseMinMs = 1_000;
/** Short enough for an endpoint to be back within ten seconds of its repair. */
const pauseMaxMs = 8_000;
/** After so many successes in a row, the next pause is the shortest again. */
const successesToForget = 5;
/** A canary without a result is taken for lost, and another one may go. */
const canaryTimeoutMs = 10_000;

/**
 * Takes an endpoint out when it fails and lets one request at a time see whether it is back.
 *
 * Opens on consecutive failures (or the first, where little else happened), for a pause that
 * doubles with each opening. After the pause it is half open: one canary decides. A success closes
 * it at any time, for nothing proves better that the endpoint works.
 */
export class Breaker {
  #points = 0;
  #successes = 0;
  #openings = 0;
  #openUntilMs: number | undefined;
  #canaryUntilMs = 0;
  #ejections = 0;

  state(nowMs: number): BreakerState {
    if (this.#openUntilMs === undefined) {
      return "closed";
    }
    return nowMs < this.#openUntilMs ? "open" : "half_open";
  }

  isCanaryDue(nowMs: number): boolean {
    return this.state(nowMs) === "half_open" && nowMs >= this.#canaryUntilMs;
  }

  sendCanary(nowMs: number): void {
    this.#canaryUntilMs = nowMs + canaryTimeoutMs;
  }

  /** Ends the pause: something else than a request says that the endpoint may be back. */
  allowCanary(nowMs: number): void {
    if (this.#openUntilMs !== undefined) {
      this.#openUntilMs = Math.min(this.#openUntilMs, nowMs);
      this.#canaryUntilMs = 0;
    }
  }

  /** `failureRatio` is that of the last seconds with this outcome in it. */
  record(outcome: Outcome, failureRatio: number, nowMs: number): void {
    if (outcome.kind === "success") {
      this.#succeed();
    } else if (outcome.kind === "failure" || outcome.kind === "unreachable") {
      this.#fail(points[outcome.kind], failureRatio, nowMs);
    } else if (outcome.kind === "rate_limited") {
      // It answered, and not with a fault: another canary may look again.
      this.#canaryUntilMs = 0;
    }
  }

  /** How often it went from closed to open. */
  get ejections(): number {
    return this.#ejections;
  }

  get consecutiveFailures(): number {
    return this.#points;
  }

  #succeed(): void {
    this.#points = 0;
    this.#openUntilMs = undefined;
    this.#canaryUntilMs = 0;
    this.#successes += 1;
    if (this.#successes >= successesToForget) {
      this.#openings = 0;
    }
  }

  #fail(added: number, failureRatio: number, nowMs: number): void {
    this.#points += added;
    this.#successes = 0;
    const isHalfOpen = this.state(nowMs) === "half_open";
    const isFirst = this.#openUntilMs === undefined;
    const isEnough = this.#points >= pointsToOpen || failureRatio >= failureRatioToOpen;
    // Failures of requests that were under way when it opened do not lengthen the pause.
    if (isHalfOpen || (isFirst && isEnough)) {
      this.#ejections += isFirst ? 1 : 0;
      this.#openUntilMs = nowMs + Math.min(pauseMaxMs, pauseMinMs * 2 ** this.#openings);
      this.#openings = Math.min(this.#openings + 1, 10);
      this.#canaryUntilMs = 0;
    }
  }
}
