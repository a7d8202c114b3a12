import type { MaxPrice } from "@fairlead/proto/router/v1/router";
import type { Rates } from "@fairlead/catalog";
import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/** `provider.max_price`, against the base rates and those of every tier that the prompt reaches. */
export function filterPrice(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const limit = features.request.provider?.maxPrice;
  if (limit === undefined) {
    return endpoints;
  }
  return log.keep(
    endpoints,
    "max_price",
    ({ endpoint }) =>
      isWithin(endpoint.price.rates, limit) &&
      endpoint.price.tiers.every(
        (tier) =>
          features.request.promptTokens <= tier.minPromptTokens || isWithin(tier.rates, limit),
      ),
    ({ endpoint }) =>
      `prompt ${endpoint.price.rates.promptPico}, completion ${endpoint.price.rates.completionPico} pico-USD per token`,
  );
}

function isWithin(rates: Rates, limit: MaxPrice): boolean {
  return (
    isAtMost(rates.promptPico, limit.promptPico) &&
    isAtMost(rates.completionPico, limit.completionPico) &&
    isAtMost(rates.requestPico, limit.requestPico)
  );
}

function isAtMost(rate: bigint, limit: bigint | undefined): boolean {
  return limit === undefined || rate <= limit;
}
