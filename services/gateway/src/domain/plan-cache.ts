import type { Candidate, PlanRequest, PlanResponse } from "@fairlead/proto/router/v1/router";

/**
 * The last plan for each kind of request, for the time when no router answers. Two requests are of
 * one kind when the same hard filters apply to them.
 */
export class PlanCache {
  readonly #plans = new Map<string, readonly Candidate[]>();
  readonly #capacity: number;

  constructor(capacity = 4_096) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#plans.size;
  }

  store(request: PlanRequest, plan: PlanResponse): void {
    if (plan.candidates.length === 0) {
      return;
    }
    const key = toKey(request);
    if (!this.#plans.has(key) && this.#plans.size >= this.#capacity) {
      const oldest = this.#plans.keys().next();
      if (!oldest.done) {
        this.#plans.delete(oldest.value);
      }
    }
    this.#plans.set(key, plan.candidates);
  }

  /** Candidates of the last plan that the prompt still fits; empty when there is none. */
  recall(request: PlanRequest): readonly Candidate[] {
    const candidates = this.#plans.get(toKey(request)) ?? [];
    return candidates.filter(
      ({ contextLength }) => contextLength === 0n || request.promptTokens < contextLength,
    );
  }
}

function toKey(request: PlanRequest): string {
  const { provider } = request;
  return [
    request.models.join(),
    request.parameters.join(),
    request.inputModalities.join(),
    request.outputModalities.join(),
    provider === undefined ? "" : JSON.stringify(provider, bigintAsText),
  ].join("\n");
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
