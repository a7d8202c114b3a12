import type { TokenUsage } from "@fairlead/openai";
import { UsageSource } from "@fairlead/proto/usage/v1/usage";

/** The rule of thumb for English text in the tokenizers in use. */
const CHARACTERS_PER_TOKEN = 4;
/** Servers that stream each token as its own event stay below this on average; others do not. */
const CHARACTERS_PER_EVENT_OF_ONE_TOKEN = 8;

/** Ten times the longest context there is: a provider that counts more is broken or lies. */
const TOKENS_MAX = 100_000_000;

/** Token counts, and where they came from. */
export interface CountedUsage {
  readonly usage: TokenUsage;
  readonly source: UsageSource;
}

export interface AnswerFacts {
  /** What the provider has said so far. */
  readonly usage: TokenUsage | undefined;
  /** The answer came to its own end. */
  readonly isFinished: boolean;
  /** UTF-16 length of the prompt's text. */
  readonly promptLength: number;
  /** UTF-16 length of all text produced. */
  readonly outputLength: number;
  /** Upstream events that brought text; 0 when the answer did not come in events. */
  readonly outputEvents: number;
}

export const noUsage: CountedUsage = {
  usage: {
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    audioInputTokens: 0,
    audioOutputTokens: 0,
    imageInputTokens: 0,
  },
  source: UsageSource.COUNTED,
};

/** Four UTF-16 units a token, rounded up. */
export function estimateTokens(length: number): number {
  return Math.ceil(length / CHARACTERS_PER_TOKEN);
}

/**
 * Tokens of output that a provider did not count for us. Most servers send each token as an event
 * of its own, then the events are the exact count, in any language; where events are larger than
 * that, four UTF-16 units are a token.
 */
export function countOutputTokens(length: number, events: number): number {
  const isOneTokenAnEvent = events > 0 && length / events <= CHARACTERS_PER_EVENT_OF_ONE_TOKEN;
  return isOneTokenAnEvent ? events : estimateTokens(length);
}

/**
 * The usage that an answer is billed by. A finished answer has the provider's own; one that was
 * cut off has what the provider said of the prompt, and the output counted from what was produced
 * (providers announce the output with a placeholder and correct it only at the end).
 */
export function completeUsage(facts: AnswerFacts): CountedUsage {
  const { isFinished, promptLength, outputLength, outputEvents } = facts;
  const usage = isPlausible(facts.usage) ? facts.usage : undefined;
  if (usage !== undefined && isFinished) {
    return { usage, source: UsageSource.PROVIDER };
  }
  const source = isFinished ? UsageSource.ESTIMATED : UsageSource.COUNTED;
  const counted = countOutputTokens(outputLength, outputEvents);
  if (usage === undefined || usage.promptTokens === 0) {
    const promptTokens = estimateTokens(promptLength);
    return { usage: { ...noUsage.usage, promptTokens, completionTokens: counted }, source };
  }
  return {
    usage: { ...usage, completionTokens: Math.max(usage.completionTokens, counted) },
    source,
  };
}

/** What nobody can have used is not charged, whoever says so: it would take a customer's all. */
function isPlausible(usage: TokenUsage | undefined): boolean {
  return (
    usage !== undefined && usage.promptTokens <= TOKENS_MAX && usage.completionTokens <= TOKENS_MAX
  );
}
