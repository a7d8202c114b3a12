/**
 * Token counts of one answer. Totals include their parts: cached and cache-write tokens are inside
 * `promptTokens`, reasoning tokens inside `completionTokens`. Field names are those of the protobuf
 * message `fairlead.usage.v1.TokenUsage`.
 */
export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  /** Of `cacheWriteTokens`, those that are kept for an hour; absent = none. */
  readonly cacheWrite1hTokens?: number;
  readonly reasoningTokens: number;
  readonly audioInputTokens: number;
  readonly audioOutputTokens: number;
  readonly imageInputTokens: number;
}
