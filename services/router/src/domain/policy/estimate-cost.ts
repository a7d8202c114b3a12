import type { RankingPrice, RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { RequestFeatures } from "./request-features.ts";

/**
 * The one price number that ranks endpoints: what this request would probably cost there, in
 * pico-USD. The prompt counts with its estimate, at the rates of the tier that it falls in; the
 * completion with a third of the prompt (at least 256 tokens, at most max_tokens).
 */
export function estimateCost(routed: RoutedEndpoint, features: RequestFeatures): number {
  const price = selectPrice(routed, features.promptTokens);
  return (
    price.prompt * Math.max(1, features.promptTokens) +
    price.completion * features.expectedCompletionTokens +
    price.request
  );
}

function selectPrice(routed: RoutedEndpoint, promptTokens: number): RankingPrice {
  let selected = routed.ranking;
  for (const tier of routed.rankingTiers) {
    if (promptTokens > tier.above) {
      selected = tier.price;
    }
  }
  return selected;
}
