import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import {
  NoCandidate,
  type PlanRequest,
  PlanRequestSchema,
  type PlanResponse,
  PlanResponseSchema,
} from "@fairlead/proto/router/v1/router";
import type { PlanCache } from "../domain/plan-cache.ts";
import { PlanDecoder } from "./decode-plan.ts";
import type { RouterLinks } from "./router-links.ts";

/** A plan takes microseconds: a router that is slower than this is as good as gone. */
const PLAN_TIMEOUT_MS = 1_000;

export interface PlannerOptions {
  readonly routers: RouterLinks;
  readonly cache: PlanCache;
}

/** Asks a router for the plan of a request, and falls back on the last one of its kind. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #decoder = new PlanDecoder();
  #fallbacks = 0;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Plans served from memory since the start. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  get hasPlans(): boolean {
    return this.#options.cache.size > 0;
  }

  async plan(
    init: MessageInitShape<typeof PlanRequestSchema>,
    traceparent: string | undefined,
  ): Promise<PlanResponse> {
    const { routers, cache } = this.#options;
    const request = create(PlanRequestSchema, init);
    try {
      const bytes = await routers.plan(encode(PlanRequestSchema, request), {
        timeoutMs: PLAN_TIMEOUT_MS,
        traceparent,
      });
      const plan = this.#decoder.decode(bytes);
      cache.store(request, plan);
      return plan.noCandidate === NoCandidate.NO_PROVIDER ? this.#recallGone(request, plan) : plan;
    } catch (error) {
      return this.#recall(request, AppError.from(error));
    }
  }

  /**
   * No worker for the model now. Where there was one before, it may be back in a moment, and the
   * request waits for it; where there never was, the router's word stands.
   */
  #recallGone(request: PlanRequest, plan: PlanResponse): PlanResponse {
    const candidates = [...this.#options.cache.recall(request)];
    return candidates.length === 0
      ? plan
      : create(PlanResponseSchema, { candidates, strategy: "last-plan" });
  }

  #recall(request: PlanRequest, error: AppError): PlanResponse {
    if (error.code !== "unavailable" && error.code !== "timeout") {
      throw error;
    }
    const candidates = [...this.#options.cache.recall(request)];
    if (candidates.length === 0) {
      throw new AppError("unavailable", "Routing is not available now. Try again in a moment.", {
        retryAfterMs: 1_000,
        cause: error,
      });
    }
    this.#fallbacks += 1;
    return create(PlanResponseSchema, { candidates, strategy: "last-plan" });
  }
}
