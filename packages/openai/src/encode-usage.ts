import { nanoToDecimal } from "./nano-to-decimal.ts";
import type { TokenUsage } from "./token-usage.ts";

/** `TokenUsage` as numbers or as the protobuf message's bigints. */
export type TokenCounts = { readonly [Count in keyof TokenUsage]: number | bigint };

/** Amounts in nano-USD. */
export interface UsageCost {
  /** What the account is charged. */
  readonly costNano: bigint;
  readonly promptCostNano?: bigint;
  readonly completionCostNano?: bigint;
  /** What the provider bills; the same as `costNano` unless the key was the customer's own. */
  readonly upstreamCostNano?: bigint;
  readonly isByok?: boolean;
}

/** The `usage` object of an answer as JSON text; `total_tokens` is derived. */
export function encodeUsage(tokens: TokenCounts, cost: UsageCost): string {
  const total = BigInt(tokens.promptTokens) + BigInt(tokens.completionTokens);
  const upstream = nanoToDecimal(cost.upstreamCostNano ?? cost.costNano);
  return (
    `{"prompt_tokens":${tokens.promptTokens},"completion_tokens":${tokens.completionTokens},` +
    `"total_tokens":${total},"cost":${nanoToDecimal(cost.costNano)},` +
    `"is_byok":${cost.isByok === true},` +
    `"prompt_tokens_details":{"cached_tokens":${tokens.cachedTokens},` +
    `"cache_write_tokens":${tokens.cacheWriteTokens},"audio_tokens":${tokens.audioInputTokens},` +
    `"image_tokens":${tokens.imageInputTokens},"video_tokens":0},` +
    `"completion_tokens_details":{"reasoning_tokens":${tokens.reasoningTokens},` +
    `"audio_tokens":${tokens.audioOutputTokens},"image_tokens":0,` +
    `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0},` +
    `"cost_details":{"upstream_inference_cost":${upstream}` +
    part("upstream_inference_prompt_cost", cost.promptCostNano) +
    part("upstream_inference_completions_cost", cost.completionCostNano) +
    `},"server_tool_use_details":{"web_search_requests":0,"tool_calls_requested":0,` +
    `"tool_calls_executed":0}}`
  );
}

function part(name: string, nano: bigint | undefined): string {
  return nano === undefined ? "" : `,"${name}":${nanoToDecimal(nano)}`;
}
