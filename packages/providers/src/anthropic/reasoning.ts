import type { ChatRequest, ReasoningEffort } from "@fairlead/openai";
import type { Target } from "../provider.ts";
import type { DroppedParameters } from "../shared/dropped-parameters.ts";
import { budgetToEffort, effortToBudget, readReasoningWish } from "../shared/reasoning-request.ts";
import type { ModelTraits } from "./model-traits.ts";

export interface Thinking {
  readonly thinking?: Readonly<Record<string, unknown>>;
  /** For `output_config.effort`. */
  readonly effort?: string;
}

const budgetMin = 1_024;
const budgetMax = 128_000;

/**
 * How the request's wish to reason is told to this model. Before Claude 4.6 that is a budget in
 * tokens inside `max_tokens`; from then on the model adapts and takes an effort. `obstacle` is what
 * thinking with a budget excludes: a forced tool, or a turn whose own thoughts are missing.
 */
export function convertReasoning(
  chat: ChatRequest,
  target: Target,
  traits: ModelTraits,
  maxTokens: number,
  obstacle: "forced tool" | "lost thoughts" | undefined,
  dropped: DroppedParameters,
): Thinking {
  const wish = readReasoningWish(chat);
  if (wish.isEnabled === undefined) {
    return {};
  }
  if (!wish.isEnabled) {
    return switchOff(traits, dropped);
  }
  if (dropped.isUnsupported("reasoning") || target.isReasoning === false) {
    dropped.add("reasoning");
    return {};
  }
  if (traits.isAdaptive) {
    if (obstacle === "forced tool" && !traits.thinksBeforeForcedTool) {
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
      effort: toEffort(wish.effort ?? budgetToEffort(wish.maxTokens ?? 0), traits),
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

function switchOff({ off }: ModelTraits, dropped: DroppedParameters): Thinking {
  if (off === "impossible") {
    dropped.add("reasoning");
  }
  return off === "impossible" || off === "nothing" ? {} : { thinking: { type: off } };
}

/** The nearest level that the model has; of two as near, the one that spends less. */
function toEffort(effort: Exclude<ReasoningEffort, "none">, { takesXhigh }: ModelTraits): string {
  if (effort === "minimal") {
    return "low";
  }
  return effort === "xhigh" && !takesXhigh ? "high" : effort;
}
