import { type Cost, usdFromNano } from "@fairlead/pricing";
import type { TokenUsage } from "@fairlead/proto/usage/v1/usage";

/**
 * The `usage` object of an answer as JSON text. Written by hand: amounts are exact decimals that
 * must not pass through a floating-point number.
 */
export function formatUsage(tokens: TokenUsage, cost: Cost): string {
  const total = tokens.promptTokens + tokens.completionTokens;
  const charged = usdFromNano(cost.costNano);
  return (
    `{"prompt_tokens":${tokens.promptTokens},"completion_tokens":${tokens.completionTokens}` +
    `,"total_tokens":${total},"cost":${charged},"is_byok":false` +
    `,"prompt_tokens_details":{"cached_tokens":${tokens.cachedTokens}` +
    `,"cache_write_tokens":${tokens.cacheWriteTokens}` +
    `,"audio_tokens":${tokens.audioInputTokens},"video_tokens":0}` +
    `,"completion_tokens_details":{"reasoning_tokens":${tokens.reasoningTokens}` +
    `,"audio_tokens":${tokens.audioOutputTokens},"image_tokens":0` +
    `,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}` +
    `,"cost_details":{"upstream_inference_cost":${charged}` +
    `,"upstream_inference_prompt_cost":${usdFromNano(cost.promptNano)}` +
    `,"upstream_inference_completions_cost":${usdFromNano(cost.completionNano)}}` +
    `,"server_tool_use_details":{"web_search_requests":0,"tool_calls_requested":0` +
    `,"tool_calls_executed":0}}`
  );
}
