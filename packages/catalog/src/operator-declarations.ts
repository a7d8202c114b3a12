import type { EndpointDeclaration, ProviderDeclaration } from "./declaration.ts";
import type { OperatorModel, OperatorPrice, OperatorProvider } from "./operator-schema.ts";
import { type Rates, ratesFromUsd, type Tier } from "./price.ts";
import type { Timeouts } from "./timeouts.ts";

/** Turns one provider of an operator's file into the form that all sources share. */
export function declareProvider(provider: OperatorProvider): ProviderDeclaration {
  return {
    slug: provider.id,
    name: provider.name,
    dialect: provider.dialect,
    baseUrl: provider.base_url?.replace(/\/+$/, ""),
    ...declareCredential(provider.api_key),
    headers: provider.headers,
    concurrency: provider.concurrency,
    timeouts: declareTimeouts(provider.timeouts),
    isDisabled: provider.disabled,
    docsUrl: provider.docs_url,
    collectsData: provider.data_policy?.collects_data,
    isZeroRetention: provider.data_policy?.zero_retention,
    endpoints: (provider.models ?? []).map(declareEndpoint),
  };
}

function declareEndpoint(model: OperatorModel): EndpointDeclaration {
  return {
    model: model.id,
    upstreamModel: model.upstream,
    name: model.name,
    ...declarePrice(model.price),
    contextLength: model.context_length,
    maxCompletionTokens: model.max_completion_tokens,
    quantization: model.quantization,
    inputModalities: model.input_modalities,
    outputModalities: model.output_modalities,
    supportedParameters: model.supported_parameters,
    timeouts: declareTimeouts(model.timeouts),
    isDisabled: model.disabled,
  };
}

/** A credential named here replaces the snapshot's names as a whole. */
function declareCredential(
  credential: OperatorProvider["api_key"],
): Pick<ProviderDeclaration, "envNames" | "credentialFile"> {
  if (credential === undefined) {
    return {};
  }
  return "env" in credential
    ? { envNames: [credential.env] }
    : { envNames: [], credentialFile: credential.file };
}

function declarePrice(price: OperatorPrice | undefined): { rates?: Rates; tiers?: Tier[] } {
  if (price === undefined) {
    return {};
  }
  const tiers = (price.tiers ?? []).map((tier) => ({
    minPromptTokens: BigInt(tier.above_prompt_tokens),
    rates: ratesFromUsd(tier),
  }));
  return { rates: ratesFromUsd(price), tiers };
}

function declareTimeouts(timeouts: OperatorProvider["timeouts"]): Partial<Timeouts> | undefined {
  if (timeouts === undefined) {
    return undefined;
  }
  const { connect_ms, first_token_ms, idle_ms, total_ms } = timeouts;
  return {
    ...(connect_ms === undefined ? {} : { connectMs: connect_ms }),
    ...(first_token_ms === undefined ? {} : { firstTokenMs: first_token_ms }),
    ...(idle_ms === undefined ? {} : { idleMs: idle_ms }),
    ...(total_ms === undefined ? {} : { totalMs: total_ms }),
  };
}
