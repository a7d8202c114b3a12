import {
  invalid,
  type JsonObject,
  requireBoolean,
  requireInteger,
  requireObject,
  requireOneOf,
} from "./require.ts";

export const reasoningEfforts: ReadonlySet<string> = new Set([
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
]);

export function validateReasoning(value: unknown): void {
  const reasoning = requireObject(value, "reasoning");
  for (const field of ["effort", "max_tokens", "exclude", "enabled", "summary"] as const) {
    if (reasoning[field] === null) {
      reasoning[field] = undefined;
    }
  }
  if (reasoning.effort !== undefined) {
    requireOneOf(reasoning.effort, "reasoning.effort", reasoningEfforts);
  }
  if (reasoning.max_tokens !== undefined) {
    requireInteger(reasoning.max_tokens, "reasoning.max_tokens", 1, 2 ** 31 - 1);
    if (reasoning.effort !== undefined) {
      throw invalid("reasoning", "takes either effort or max_tokens, not both.");
    }
  }
  if (reasoning.exclude !== undefined) {
    requireBoolean(reasoning.exclude, "reasoning.exclude");
  }
  if (reasoning.enabled !== undefined) {
    requireBoolean(reasoning.enabled, "reasoning.enabled");
  }
}

/** `reasoning_effort` is OpenAI's name of `reasoning.effort`: both may stand, if they agree. */
export function validateEffortAgreement(body: JsonObject): void {
  const effort = (body.reasoning as JsonObject | undefined)?.effort;
  if (
    body.reasoning_effort !== undefined &&
    effort !== undefined &&
    effort !== body.reasoning_effort
  ) {
    throw invalid("reasoning_effort", "contradicts reasoning.effort: send one of them.");
  }
}
