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
/** Think unless they are told not to; those before do not unless they are told to. */
const thinksByItself = 500;
/** Take no temperature, top_p or top_k any more: 400. */
const fixesSampling = 407;
/** Families that always think: an end to it is refused with 400. */
const alwaysThinks = /claude-(?:fable|mythos)/;

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
    return switchOff(target.upstreamModel, dropped);
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

function switchOff(upstreamModel: string, dropped: DroppedParameters): Thinking {
  if (alwaysThinks.test(upstreamModel)) {
    dropped.add("reasoning");
    return {};
  }
  const isOn = readVersion(upstreamModel) >= thinksByItself;
  return isOn ? { thinking: { type: "disabled" } } : {};
}

/** Whether the model samples as it likes, whatever a request says. */
export function hasFixedSampling(upstreamModel: string): boolean {
  return readVersion(upstreamModel) >= fixesSampling;
}

export function isAdaptiveModel(upstreamModel: string): boolean {
  return readVersion(upstreamModel) >= adaptive;
}

/**
 * 406 for claude-opus-4-6, 500 for claude-sonnet-5; 0 for names that put the number first. A
 * preview without a number is of the family's first generation.
 */
function readVersion(upstreamModel: string): number {
  if (/claude-(?:fable|mythos)-\D/.test(upstreamModel)) {
    return 500;
  }
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
