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

/** Versions from which on models think by an effort instead of a budget, … */
const adaptive = 406;
/** … have the effort `xhigh`, … */
const takesXhigh = 407;
/** … and think although a tool is forced; those before answer 400. */
const thinksBeforeForcedTool = 408;

/**
 * How the request's wish to reason is told to this model. Before Claude 4.6 that is a budget in
 * tokens inside `max_tokens`; from then on the model adapts and takes an effort. `obstacle` is what
 * thinking with a budget excludes: a forced tool, or a turn whose own thoughts are missing.
 */
export function convertReasoning(
  chat: ChatRequest,
  target: Target,
  maxTokens: number,
  obstacle: "forced tool" | "lost thoughts" | undefined,
  dropped: DroppedParameters,
): Thinking {
  const wish = readReasoningWish(chat);
  const version = readVersion(target.upstreamModel);
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
    if (obstacle === "forced tool" && version < thinksBeforeForcedTool) {
      dropped.add("reasoning");
      return {};
    }
    if (wish.maxTokens !== undefined) {
      dropped.add("reasoning.max_tokens");
    }
    return {
      thinking: {
        type: "adaptive",
        display: target.isReasoningExcluded ? "omitted" : "summarized",
      },
      effort: toEffort(wish.effort ?? budgetToEffort(wish.maxTokens ?? 0), version),
    };
  }
  const wanted = wish.maxTokens ?? effortToBudget(wish.effort ?? "medium", maxTokens);
  const budget = Math.min(Math.max(wanted, budgetMin), budgetMax, maxTokens - 1);
  // A limit too small to think in stays as it is: raising it would spend what was not granted.
  if (obstacle !== undefined || budget < budgetMin) {
    dropped.add("reasoning");
    return {};
  }
  return { thinking: { type: "enabled", budget_tokens: budget } };
}

export function isAdaptiveModel(upstreamModel: string): boolean {
  return readVersion(upstreamModel) >= adaptive;
}

/** 406 for claude-opus-4-6, 500 for claude-sonnet-5; 0 for names that put the number first. */
function readVersion(upstreamModel: string): number {
  const match = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?:\D|$)/.exec(upstreamModel);
  return match === null ? 0 : Number(match[1]) * 100 + Number(match[2] ?? 0);
}

/** The nearest level that the model has; of two as near, the one that spends less. */
function toEffort(effort: Exclude<ReasoningEffort, "none">, version: number): string {
  if (effort === "minimal") {
    return "low";
  }
  return effort === "xhigh" && version < takesXhigh ? "high" : effort;
}
