import type {
  Endpoint,
  Health,
  Model,
  Provider,
  Quantiles,
} from "@fairlead/proto/catalog/v1/catalog";
import { HealthStatus } from "@fairlead/proto/catalog/v1/catalog";
import { usdPerTokenFromPico } from "@fairlead/pricing";
import type { Price, Rates } from "@fairlead/proto/pricing/v1/price";

type Json = Record<string, unknown>;

/** A model as `GET /models` shows it. */
export function viewModel(model: Model): Json {
  return {
    id: model.id,
    canonical_slug: model.id,
    hugging_face_id: null,
    name: model.name,
    created: Number(model.created),
    description: model.description,
    context_length: Number(model.contextLength) || null,
    architecture: viewArchitecture(model),
    pricing: viewPrice(model.price, model.inputModalities),
    top_provider: {
      context_length: Number(model.contextLength) || null,
      max_completion_tokens: Number(model.maxCompletionTokens) || null,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: model.supportedParameters,
    default_parameters: null,
    supported_voices: null,
    knowledge_cutoff: model.knowledgeCutoff || null,
    expiration_date: null,
    links: { details: `/api/v1/models/${model.id}/endpoints` },
  };
}

/** A model with its endpoints, as `GET /models/{author}/{slug}/endpoints` shows them. */
export function viewEndpoints(
  model: Model,
  endpoints: readonly Endpoint[],
  options: { readonly showPercentiles: boolean },
): Json {
  return {
    id: model.id,
    name: model.name,
    created: Number(model.created),
    description: model.description,
    architecture: viewArchitecture(model),
    endpoints: endpoints.map((endpoint) => viewEndpoint(endpoint, model, options.showPercentiles)),
  };
}

export function viewProvider(provider: Provider): Json {
  return {
    name: provider.name,
    slug: provider.slug,
    privacy_policy_url: provider.privacyPolicyUrl || null,
    terms_of_service_url: provider.termsOfServiceUrl || null,
    status_page_url: provider.statusPageUrl || null,
    headquarters: null,
    datacenters: null,
  };
}

function viewEndpoint(endpoint: Endpoint, model: Model, showPercentiles: boolean): Json {
  const { health } = endpoint;
  return {
    name: `${endpoint.providerName} | ${endpoint.model}`,
    model_id: endpoint.model,
    model_name: model.name,
    provider_name: endpoint.providerName,
    tag: endpoint.provider,
    quantization: endpoint.quantization || null,
    context_length: Number(endpoint.contextLength),
    max_prompt_tokens: null,
    max_completion_tokens: Number(endpoint.maxCompletionTokens) || null,
    pricing: viewPrice(endpoint.price, model.inputModalities),
    supported_parameters: endpoint.supportedParameters,
    supports_implicit_caching: endpoint.supportsImplicitCaching,
    status: viewStatus(health),
    uptime_last_5m: health?.uptime5m ?? null,
    uptime_last_30m: health?.uptime30m ?? null,
    uptime_last_1d: health?.uptime1d ?? null,
    latency_last_30m: showPercentiles ? viewQuantiles(health?.latencyMs) : null,
    throughput_last_30m: showPercentiles ? viewQuantiles(health?.throughput) : null,
  };
}

/** 0 is healthy; the public vocabulary has only negative numbers for the rest. */
function viewStatus(health: Health | undefined): number {
  switch (health?.status) {
    case HealthStatus.DOWN:
      return -2;
    case HealthStatus.DEGRADED:
      return -1;
    default:
      return 0;
  }
}

function viewQuantiles(quantiles: Quantiles | undefined): Json | null {
  if (quantiles === undefined) {
    return null;
  }
  const { p50, p75, p90, p99 } = quantiles;
  return { p50, p75, p90, p99 };
}

function viewArchitecture(model: Model): Json {
  const { inputModalities, outputModalities } = model;
  return {
    modality: `${inputModalities.join("+")}->${outputModalities.join("+")}`,
    input_modalities: inputModalities,
    output_modalities: outputModalities,
    tokenizer: model.tokenizer || "Other",
    instruct_type: null,
  };
}

/** USD per unit as decimal strings; never a floating-point number. */
function viewPrice(price: Price | undefined, inputs: readonly string[] = []): Json {
  const overrides = (price?.tiers ?? []).map((tier) => ({
    min_prompt_tokens: Number(tier.minPromptTokens),
    ...viewRates(tier.rates, inputs),
  }));
  return { ...viewRates(price?.rates, inputs), ...(overrides.length > 0 && { overrides }) };
}

/**
 * `image` is per picture, which no endpoint here charges by: pictures are priced by their tokens.
 */
function viewRates(rates: Rates | undefined, inputs: readonly string[]): Json {
  return {
    prompt: usdPerTokenFromPico(rates?.promptPico ?? 0n),
    completion: usdPerTokenFromPico(rates?.completionPico ?? 0n),
    request: usdPerTokenFromPico(rates?.requestPico ?? 0n),
    image: "0",
    ...(inputs.includes("image") && {
      image_token: usdPerTokenFromPico(rates?.imageInputPico ?? 0n),
    }),
    ...(inputs.includes("audio") && { audio: usdPerTokenFromPico(rates?.audioInputPico ?? 0n) }),
    internal_reasoning: usdPerTokenFromPico(rates?.reasoningPico ?? 0n),
    input_cache_read: usdPerTokenFromPico(rates?.cacheReadPico ?? 0n),
    input_cache_write: usdPerTokenFromPico(rates?.cacheWritePico ?? 0n),
    ...(rates !== undefined &&
      rates.cacheWrite1hPico > 0n && {
        input_cache_write_1h: usdPerTokenFromPico(rates.cacheWrite1hPico),
      }),
  };
}
