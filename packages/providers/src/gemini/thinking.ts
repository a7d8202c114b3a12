import type { ChatRequest, ReasoningEffort } from "@fairlead/openai";
import type { Target } from "../provider.ts";
import type { DroppedParameters } from "../shared/dropped-parameters.ts";
import { budgetToEffort, effortToBudget, readReasoningWish } from "../shared/reasoning-request.ts";

/** The narrowest range of budgets of the 2.5 models. */
const budgetMin = 512;
const budgetMax = 24_576;
/** The answer's limit of the 2.5 models, when nobody names another. */
const defaultMaxTokens = 65_536;

/** `thinkingConfig`: a level from Gemini 3 on, a budget in tokens before. */
export function convertThinking(
  chat: ChatRequest,
  target: Target,
  maxTokens: number,
  dropped: DroppedParameters,
): Readonly<Record<string, unknown>> | undefined {
  const wish = readReasoningWish(chat);
  const model = target.upstreamModel;
  const hasLevels = isLevelModel(model);
  if (wish.isEnabled === undefined) {
    return undefined;
  }
  if (dropped.isUnsupported("reasoning") || target.isReasoning === false) {
    if (wish.isEnabled) {
      dropped.add("reasoning");
    }
    return undefined;
  }
  if (!wish.isEnabled) {
    if (hasLevels) {
      return { thinkingLevel: toLevel("minimal", model) };
    }
    // 2.5 Pro always thinks; 128 is its least.
    return { thinkingBudget: /pro/.test(model) ? 128 : 0 };
  }
  const includeThoughts = target.isReasoningExcluded !== true;
  if (hasLevels) {
    if (wish.maxTokens !== undefined) {
      dropped.add("reasoning.max_tokens");
    }
    const effort = wish.effort ?? budgetToEffort(wish.maxTokens ?? 0);
    return { includeThoughts, thinkingLevel: toLevel(effort, model) };
  }
  const limit = maxTokens || target.maxCompletionTokens || defaultMaxTokens;
  const budget = wish.maxTokens ?? effortToBudget(wish.effort ?? "medium", limit);
  return {
    includeThoughts,
    thinkingBudget: Math.min(Math.max(budget, budgetMin), budgetMax),
  };
}

/** Gemini 3 and later. */
export function isLevelModel(upstreamModel: string): boolean {
  return Number(/gemini-(\d+)/.exec(upstreamModel)?.[1] ?? 0) >= 3;
}

function toLevel(effort: Exclude<ReasoningEffort, "none">, model: string): string {
  switch (effort) {
    case "minimal":
      return /flash/.test(model) ? "minimal" : "low";
    case "low":
      return "low";
    case "medium":
      return /gemini-3-pro/.test(model) ? "high" : "medium";
    default:
      return "high";
  }
}
