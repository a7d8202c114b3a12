import type { ChatRequest, ReasoningEffort } from "@fairlead/openai";
import type { Target } from "../provider.ts";
import type { DroppedParameters } from "../shared/dropped-parameters.ts";
import { budgetToEffort, effortToBudget, readReasoningWish } from "../shared/reasoning-request.ts";

export interface Thinking {
  readonly thinking?: Readonly<Record<string, unknown>>;
  /** For `output_config.effort`. */
  readonly effort?: string;
}

const budgetMin = 1_024;
const budgetMax = 128_000;

/**
 * How the request's wish to reason is told to this model. Before Claude 4.6 that is a budget in
 * tokens inside `max_tokens`; from then on the model adapts and takes an effort.
 */
export function convertReasoning(
  chat: ChatRequest,
  target: Target,
  maxTokens: number,
  isPossible: boolean,
  dropped: DroppedParameters,
): Thinking {
  const wish = readReasoningWish(chat);
  const isAdaptive = isAdaptiveModel(target.upstreamModel);
  if (wish.isEnabled === undefined) {
    return {};
  }
  if (!wish.isEnabled) {
    return isAdaptive ? { thinking: { type: "disabled" } } : {};
  }
  if (dropped.isUnsupported("reasoning") || target.isReasoning === false) {
    dropped.add("reasoning");
    return {};
  }
  if (isAdaptive) {
    if (wish.maxTokens !== undefined) {
      dropped.add("reasoning.max_tokens");
    }
    return {
      thinking: {
        type: "adaptive",
        display: target.isReasoningExcluded ? "omitted" : "summarized",
      },
      effort: toEffort(wish.effort ?? budgetToEffort(wish.maxTokens ?? 0)),
    };
  }
  const wanted = wish.maxTokens ?? effortToBudget(wish.effort ?? "medium", maxTokens);
  const budget = Math.min(Math.max(wanted, budgetMin), budgetMax, maxTokens - 1);
  // A limit too small to think in stays as it is: raising it would spend what was not granted.
  if (!isPossible || budget < budgetMin) {
    dropped.add("reasoning");
    return {};
  }
  return { thinking: { type: "enabled", budget_tokens: budget } };
}

/** claude-opus-4-6, claude-sonnet-5 and later; names before that put the number first. */
export function isAdaptiveModel(upstreamModel: string): boolean {
  const match = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?:\D|$)/.exec(upstreamModel);
  if (match === null) {
    return false;
  }
  const major = Number(match[1]);
  return major > 4 || (major === 4 && Number(match[2] ?? 0) >= 6);
}

function toEffort(effort: Exclude<ReasoningEffort, "none">): string {
  return effort === "minimal" ? "low" : effort;
}
