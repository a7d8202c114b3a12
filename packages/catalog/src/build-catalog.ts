import type { Catalog } from "./catalog.ts";
import type { EndpointDeclaration, ProviderDeclaration } from "./declaration.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointId } from "./endpoint-id.ts";
import type { Model } from "./model.ts";
import { commonParameters } from "./parameters.ts";
import { completeRates, createPrice, ratesFromUsd } from "./price.ts";
import type { Provider } from "./provider.ts";
import { defaultTimeouts } from "./timeouts.ts";

export interface CatalogContent {
  readonly version: bigint;
  readonly providers: Iterable<ProviderDeclaration>;
  /** Facts of models that are known beside their endpoints. */
  readonly models: ReadonlyMap<string, Model>;
  readonly aliases: ReadonlyMap<string, string>;
}

const free = ratesFromUsd({ prompt: "0", completion: "0" });
const textOnly: readonly string[] = ["text"];

/** Fills defaults in, gives endpoints their ids and builds the indexes. */
export function buildCatalog(content: CatalogContent): Catalog {
  const providers = new Map<string, Provider>();
  const models = new Map<string, Model>();
  const endpoints = new Map<string, Endpoint>();
  const endpointsByModel = new Map<string, Endpoint[]>();
  for (const declaration of content.providers) {
    const provider = buildProvider(declaration);
    providers.set(provider.slug, provider);
    for (const declared of declaration.endpoints) {
      const known = endpointsByModel.get(declared.model);
      const endpoint = buildEndpoint(provider, declared, known?.[0]);
      endpoints.set(endpoint.id, endpoint);
      if (known === undefined) {
        endpointsByModel.set(endpoint.model, [endpoint]);
        models.set(endpoint.model, content.models.get(endpoint.model) ?? describeModel(declared));
      } else {
        known.push(endpoint);
      }
    }
  }
  const { version, aliases } = content;
  return { version, providers, models, endpoints, endpointsByModel, aliases };
}

function buildProvider(declaration: ProviderDeclaration): Provider {
  return {
    slug: declaration.slug,
    name: declaration.name ?? declaration.slug,
    dialect: declaration.dialect ?? "openai",
    baseUrl: declaration.baseUrl ?? "",
    envNames: declaration.envNames ?? [],
    credentialFile: declaration.credentialFile,
    headers: declaration.headers ?? {},
    concurrency: declaration.concurrency,
    timeouts: { ...defaultTimeouts, ...declaration.timeouts },
    isDisabled: declaration.isDisabled ?? false,
    collectsData: declaration.collectsData ?? true,
    isZeroRetention: declaration.isZeroRetention ?? false,
    docsUrl: declaration.docsUrl ?? "",
    privacyPolicyUrl: "",
    termsOfServiceUrl: "",
    statusPageUrl: "",
  };
}

/** An operator's endpoint of a model that others serve inherits what it does not say of it. */
function buildEndpoint(
  provider: Provider,
  declared: EndpointDeclaration,
  sibling: Endpoint | undefined,
): Endpoint {
  const upstreamModel = declared.upstreamModel ?? declared.model;
  return {
    id: endpointId(provider.slug, declared.model, upstreamModel),
    provider: provider.slug,
    providerName: provider.name,
    dialect: provider.dialect,
    model: declared.model,
    upstreamModel,
    variant: declared.model.split(":")[1] ?? "",
    price: createPrice(
      completeRates(declared.rates ?? free, provider.dialect),
      (declared.tiers ?? []).map((tier) => ({
        ...tier,
        rates: completeRates(tier.rates, provider.dialect),
      })),
    ),
    contextLength: declared.contextLength ?? sibling?.contextLength ?? 0,
    maxCompletionTokens: declared.maxCompletionTokens ?? 0,
    quantization: declared.quantization ?? "unknown",
    inputModalities: declared.inputModalities ?? sibling?.inputModalities ?? textOnly,
    outputModalities: declared.outputModalities ?? sibling?.outputModalities ?? textOnly,
    supportedParameters: declared.supportedParameters ?? commonParameters,
    timeouts:
      declared.timeouts === undefined
        ? provider.timeouts
        : { ...provider.timeouts, ...declared.timeouts },
    isDisabled: provider.isDisabled || (declared.isDisabled ?? false),
    collectsData: provider.collectsData,
    isZeroRetention: provider.isZeroRetention,
  };
}

function describeModel(declared: EndpointDeclaration): Model {
  return {
    id: declared.model,
    name: declared.name ?? declared.model,
    description: "",
    created: 0,
    knowledgeCutoff: "",
    isReasoning: declared.supportedParameters?.includes("reasoning") ?? false,
    isOpenWeights: false,
  };
}
