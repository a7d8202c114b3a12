/** Prompt text over this many UTF-16 code units is one token. */
const CHARACTERS_PER_TOKEN = 4;

export interface Usage {
  /** All prompt tokens, those of the cache included. */
  readonly prompt: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** All units written, reasoning included. */
  readonly completion: number;
  readonly reasoning: number;
}

/** `ceil(characters / 4)`, at least 1: exact, and easy to compute in a test. */
export function countPromptTokens(characters: number): number {
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN));
}
