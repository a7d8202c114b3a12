/** Successes and failures that fade by half in each half-life: what happens just now. */
export class DecayedCounts {
  readonly #halfLifeMs: number;
  #successes = 0;
  #failures = 0;
  #rateLimited = 0;
  #atMs = 0;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  add(kind: "success" | "failure" | "rateLimited", nowMs: number): void {
    this.#decay(nowMs);
    if (kind === "success") {
      this.#successes += 1;
    } else if (kind === "failure") {
      this.#failures += 1;
    } else {
      this.#rateLimited += 1;
    }
  }

  /** Failures over attempts that had an outcome; 0 without any. */
  failureRatio(nowMs: number): number {
    return ratio(this.#failures, this.#successes + this.#failures, this.#fade(nowMs));
  }

  /** Refusals by rate limit over all attempts; 0 without any. */
  rateLimitRatio(nowMs: number): number {
    const all = this.#successes + this.#failures + this.#rateLimited;
    return ratio(this.#rateLimited, all, this.#fade(nowMs));
  }

  /** Attempts with an outcome, faded. */
  volume(nowMs: number): number {
    return (this.#successes + this.#failures) * this.#fade(nowMs);
  }

  forgetFailures(): void {
    this.#failures = 0;
  }

  #decay(nowMs: number): void {
    const fade = this.#fade(nowMs);
    this.#successes *= fade;
    this.#failures *= fade;
    this.#rateLimited *= fade;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  #fade(nowMs: number): number {
    return 0.5 ** (Math.max(0, nowMs - this.#atMs) / this.#halfLifeMs);
  }
}

/** What has all but faded away says nothing any more. */
const volumeMin = 0.1;

function ratio(part: number, whole: number, fade: number): number {
  return whole * fade < volumeMin ? 0 : part / whole;
}
