import { setTimeout as delay } from "node:timers/promises";
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
/** Between two questions of a request that waits, unless the router named a longer time. */
const PAUSE_MS = 100;
/** Each keeps its request in memory. */
const WAITING_MAX = 1_000;

export interface PlannerOptions {
  readonly routers: Pick<RouterLinks, "plan" | "isReady" | "untilReady">;
  readonly cache: PlanCache;
}

export interface PlanCall {
  readonly traceparent: string | undefined;
  /** How long it may wait for a router, in milliseconds. */
  readonly patienceMs: number;
  /** Aborted when nobody wants the plan any more; asked for only when the call has to wait. */
  readonly signal: () => AbortSignal;
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

  /** Throws `unavailable` with a client's message, and `cancelled` when nobody wants it any more. */
  async plan(
    init: MessageInitShape<typeof PlanRequestSchema>,
    call: PlanCall,
  ): Promise<PlanResponse> {
    const request = create(PlanRequestSchema, init);
    const ask = { request, bytes: encode(PlanRequestSchema, request) };
    try {
      return await this.#ask(ask, call);
    } catch (error) {
      const failure = toAway(error);
      return this.#recall(request) ?? (await this.#wait(ask, call, failure));
    }
  }

  async #ask({ request, bytes }: Ask, { traceparent }: PlanCall): Promise<PlanResponse> {
    const { routers, cache } = this.#options;
    const reply = await routers.plan(bytes, { timeoutMs: PLAN_TIMEOUT_MS, traceparent });
    const plan = this.#decoder.decode(reply);
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

  async #wait(ask: Ask, call: PlanCall, failure: AppError): Promise<PlanResponse> {
    if (this.#waiting >= WAITING_MAX) {
      throw refuse(failure);
    }
    this.#waiting += 1;
    try {
      return await this.#insist(ask, call, failure);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #insist(ask: Ask, call: PlanCall, first: AppError): Promise<PlanResponse> {
    const { routers } = this.#options;
    const signal = call.signal();
    const untilMs = performance.now() + call.patienceMs;
    let failure = first;
    for (;;) {
      if (routers.isReady) {
        // It is there and did not answer, or said when to come back.
        const pauseMs = Math.max(PAUSE_MS, failure.retryAfterMs ?? 0);
        if (performance.now() + pauseMs > untilMs) {
          throw refuse(failure);
        }
        await delay(pauseMs);
      }
      const isReady = await routers.untilReady(untilMs - performance.now(), signal);
      if (signal.aborted) {
        throw new AppError("cancelled", "The client closed the connection.");
      }
      if (isReady) {
        try {
          return await this.#ask(ask, call);
        } catch (error) {
          failure = toAway(error);
        }
      }
      // Another request of the kind may have been luckier meanwhile.
      const recalled = this.#recall(ask.request);
      if (recalled !== undefined) {
        return recalled;
      }
      if (!isReady) {
        throw refuse(failure);
      }
    }
  }
}

interface Ask {
  readonly request: PlanRequest;
  readonly bytes: Uint8Array;
}

/** The error as one that says that no router answered; throws what says something else. */
function toAway(error: unknown): AppError {
  const known = AppError.from(error);
  if (known.code !== "unavailable" && known.code !== "timeout") {
    throw known;
  }
  return known;
}

function refuse(cause: AppError): AppError {
  return new AppError("unavailable", "Routing is not available now. Try again in a moment.", {
    retryAfterMs: 1_000,
    cause,
  });
}
