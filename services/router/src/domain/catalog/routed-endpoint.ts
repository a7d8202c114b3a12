import type { Endpoint, Model, Rates } from "@fairlead/catalog";
import { modalityMask, parameterMask } from "./vocabulary.ts";
import { listProviderNames } from "./provider-names.ts";

/** An endpoint with what the policy compares worked out once, when the catalog is loaded. */
export interface RoutedEndpoint {
  readonly endpoint: Endpoint;
  readonly providerNames: readonly string[];
  readonly isReasoning: boolean;
  readonly parameters: number;
  readonly inputModalities: number;
  readonly outputModalities: number;
  /** Pico-USD as doubles: they rank endpoints and weigh draws, and never make an amount. */
  readonly ranking: RankingPrice;
  readonly rankingTiers: readonly { readonly above: number; readonly price: RankingPrice }[];
  /** 32-bit digest of the id, for rendezvous hashing. */
  readonly seed: number;
}

export interface RankingPrice {
  readonly prompt: number;
  readonly completion: number;
  readonly request: number;
}

export function routeEndpoint(endpoint: Endpoint, model: Model | undefined): RoutedEndpoint {
  return {
    endpoint,
    providerNames: listProviderNames(endpoint),
    isReasoning: model?.isReasoning ?? false,
    parameters: parameterMask(endpoint.supportedParameters),
    inputModalities: modalityMask(endpoint.inputModalities) ?? 0,
    outputModalities: modalityMask(endpoint.outputModalities) ?? 0,
    ranking: toRankingPrice(endpoint.price.rates),
    rankingTiers: endpoint.price.tiers.map((tier) => ({
      above: Number(tier.minPromptTokens),
      price: toRankingPrice(tier.rates),
    })),
    seed: Number.parseInt(endpoint.id.slice(0, 8), 16) | 0,
  };
}

function toRankingPrice(rates: Rates): RankingPrice {
  return {
    prompt: Number(rates.promptPico),
    completion: Number(rates.completionPico),
    request: Number(rates.requestPico),
  };
}
