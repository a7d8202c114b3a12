import type { ChatRequest, ReasoningEffort } from "@fairlead/openai";

/** What a request wants of reasoning, once its several spellings are read. */
export interface ReasoningWish {
  /** Undefined when the request says nothing: the model's own default holds. */
  readonly isEnabled: boolean | undefined;
  readonly effort: Exclude<ReasoningEffort, "none"> | undefined;
  /** Budget in tokens, instead of an effort. */
  readonly maxTokens: number | undefined;
}

export function readReasoningWish(chat: ChatRequest): ReasoningWish {
  const { reasoning } = chat;
  const effort = reasoning?.effort ?? chat.reasoning_effort ?? undefined;
  const budget = reasoning?.max_tokens ?? undefined;
  if (reasoning?.enabled === false || effort === "none") {
    return { isEnabled: false, effort: undefined, maxTokens: undefined };
  }
  if (budget !== undefined) {
    return { isEnabled: true, effort: undefined, maxTokens: budget };
  }
  if (effort !== undefined) {
    return { isEnabled: true, effort, maxTokens: undefined };
  }
  const isEnabled = reasoning?.enabled === true || chat.include_reasoning === true || undefined;
  return { isEnabled, effort: isEnabled ? "medium" : undefined, maxTokens: undefined };
}

/** Whether the client wants no reasoning text in the answer: the adapter puts it in the target. */
export function excludesReasoning(chat: ChatRequest): boolean {
  return (
    chat.reasoning?.exclude === true ||
    (chat.include_reasoning === false && chat.reasoning?.exclude === undefined)
  );
}

const shares: Readonly<Record<Exclude<ReasoningEffort, "none">, number>> = {
  max: 0.95,
  xhigh: 0.95,
  high: 0.8,
  medium: 0.5,
  low: 0.2,
  minimal: 0.1,
};

/** Thinking budget of an effort: a share of the whole answer's limit, in tokens. */
export function effortToBudget(
  effort: Exclude<ReasoningEffort, "none">,
  maxTokens: number,
): number {
  return Math.floor(maxTokens * shares[effort]);
}

/** The nearest effort of a budget, for dialects that know efforts only. */
export function budgetToEffort(budget: number): "low" | "medium" | "high" {
  if (budget <= 4_096) {
    return "low";
  }
  return budget <= 16_384 ? "medium" : "high";
}
