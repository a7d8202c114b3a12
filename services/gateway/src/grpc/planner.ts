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
import { insist, PATIENCE_MS } from "./insist.ts";
import type { RouterLinks } from "./router-links.ts";

/** A plan takes microseconds: a router that is slower than this is as good as gone. */
const PLAN_TIMEOUT_MS = 1_000;
/** Each keeps its request in memory. */
const WAITING_MAX = 1_000;

export interface PlannerOptions {
  readonly routers: Pick<RouterLinks, "plan">;
  readonly cache: PlanCache;
  readonly patienceMs?: number;
}

/**
 * Asks a router for the plan of a request. While none answers, the last plan of its kind serves;
 * a request of a kind that was never planned waits for a router.
 */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #decoder = new PlanDecoder();
  #fallbacks = 0;
  #waiting = 0;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** Plans served from memory since the start. */
  get fallbacks(): number {
    return this.#fallbacks;
  }

  /** Requests that wait for a router. */
  get waiting(): number {
    return this.#waiting;
  }

  get hasPlans(): boolean {
    return this.#options.cache.size > 0;
  }

  async plan(
    init: MessageInitShape<typeof PlanRequestSchema>,
    traceparent: string | undefined,
  ): Promise<PlanResponse> {
    const request = create(PlanRequestSchema, init);
    try {
      return await this.#ask(request, traceparent);
    } catch (error) {
      const known = AppError.from(error);
      if (!isAway(known)) {
        throw known;
      }
      return this.#recall(request) ?? (await this.#wait(request, traceparent, known));
    }
  }

  async #ask(request: PlanRequest, traceparent: string | undefined): Promise<PlanResponse> {
    const { routers, cache } = this.#options;
    const bytes = await routers.plan(encode(PlanRequestSchema, request), {
      timeoutMs: PLAN_TIMEOUT_MS,
      traceparent,
    });
    const plan = this.#decoder.decode(bytes);
    cache.store(request, plan);
    return plan.noCandidate === NoCandidate.NO_PROVIDER ? this.#recallGone(request, plan) : plan;
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

  #recall(request: PlanRequest): PlanResponse | undefined {
    const candidates = [...this.#options.cache.recall(request)];
    if (candidates.length === 0) {
      return undefined;
    }
    this.#fallbacks += 1;
    return create(PlanResponseSchema, { candidates, strategy: "last-plan" });
  }

  async #wait(
    request: PlanRequest,
    traceparent: string | undefined,
    failure: AppError,
  ): Promise<PlanResponse> {
    // One that is there and does not answer in time is not helped by being asked again.
    if (failure.code === "timeout" || this.#waiting >= WAITING_MAX) {
      throw refuse(failure);
    }
    this.#waiting += 1;
    try {
      const { patienceMs = PATIENCE_MS } = this.#options;
      return await insist(() => this.#ask(request, traceparent), patienceMs);
    } catch (error) {
      const known = AppError.from(error);
      throw isAway(known) ? refuse(known) : known;
    } finally {
      this.#waiting -= 1;
    }
  }
}

function isAway({ code }: AppError): boolean {
  return code === "unavailable" || code === "timeout";
}

function refuse(cause: AppError): AppError {
  return new AppError("unavailable", "Routing is not available now. Try again in a moment.", {
    retryAfterMs: 1_000,
    cause,
  });
}
