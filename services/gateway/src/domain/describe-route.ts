import type { Candidate, PlanResponse } from "@fairlead/proto/router/v1/router";
import { noWorker } from "./attempt-failure.ts";
import type { FailedAttempt } from "./final-error.ts";

/** How a request went, as far as it got. */
export interface Route {
  /** As the client wrote them, `model` first. */
  readonly requested: readonly string[];
  readonly plan: Pick<PlanResponse, "candidates" | "exclusions">;
  readonly failed: readonly FailedAttempt[];
  /** Who answers; undefined when nobody did. */
  readonly selected: Candidate | undefined;
}

/** OpenRouter's `openrouter_metadata` (its API reference, OpenRouterMetadata). */
export interface RouteMetadata {
  readonly requested: string;
  readonly strategy: "direct" | "alias" | "fallback";
  readonly region: null;
  readonly summary: string;
  /** Which attempt answered, or was the last, from 1; 0 when no provider was tried. */
  readonly attempt: number;
  readonly is_byok: false;
  readonly endpoints: {
    /** Of the requested models, those that a filter took out included. */
    readonly total: number;
    /** Those left, in the order in which they are tried. */
    readonly available: readonly {
      readonly provider: string;
      readonly model: string;
      readonly selected: boolean;
    }[];
  };
  /** In their order. `status`: HTTP's; 0 when no answer came. */
  readonly attempts?: readonly {
    readonly provider: string;
    readonly model: string;
    readonly status: number;
  }[];
}

/** `describeRoute` as a member of a JSON object, with a comma before it. */
export function encodeRoute(route: Route): string {
  return `,"openrouter_metadata":${JSON.stringify(describeRoute(route))}`;
}

/** What a client that sent `X-OpenRouter-Metadata: enabled` is told of its request's way. */
export function describeRoute({ requested, plan, failed, selected }: Route): RouteMetadata {
  const { candidates, exclusions } = plan;
  // Who had no worker was not tried.
  const attempts = failed
    .filter(({ failure }) => failure !== noWorker)
    .map(({ providerName, model, failure }) => ({
      provider: providerName,
      model,
      status: failure.httpStatus,
    }));
  if (selected !== undefined) {
    attempts.push({ provider: selected.providerName, model: selected.model, status: 200 });
  }
  return {
    requested: requested[0] ?? "",
    strategy: nameStrategy(requested, candidates, selected),
    region: null,
    summary: `available=${candidates.length}, selected=${selected?.providerName ?? "none"}`,
    attempt: attempts.length,
    is_byok: false,
    endpoints: {
      total: candidates.length + exclusions.length,
      available: candidates.map((candidate) => ({
        provider: candidate.providerName,
        model: candidate.model,
        selected: candidate.endpointId === selected?.endpointId,
      })),
    },
    ...(attempts.length > 0 && { attempts }),
  };
}

/** `alias`: the first model goes by another name. `fallback`: another one answers. */
function nameStrategy(
  [first = "", ...others]: readonly string[],
  [candidate]: readonly Candidate[],
  selected: Candidate | undefined,
): RouteMetadata["strategy"] {
  const answering = selected ?? candidate;
  if (answering === undefined || isOf(first, answering)) {
    return "direct";
  }
  const isOther = answering.model !== candidate?.model;
  return isOther || others.some((model) => isOf(model, answering)) ? "fallback" : "alias";
}

/** Suffixes that choose among a model's endpoints; others, such as `:free`, are of its name. */
const choices = /:(?:nitro|floor|online|exacto|beta|thinking)\b/g;

function isOf(model: string, { model: id }: Candidate): boolean {
  return model === id || model.replaceAll(choices, "") === id;
}
