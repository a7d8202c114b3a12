import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionReason, NoCandidateReason } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";

export interface Refusal {
  readonly noCandidate: NoCandidateReason;
  readonly message: string;
}

/** The words for an id that is no model. */
export function refuseUnknownModel(names: readonly string[]): Refusal {
  const message =
    names.length === 1
      ? `${names[0]} is not a valid model ID`
      : `None of ${names.join(", ")} is a valid model ID`;
  return { noCandidate: "model_unknown", message };
}

/** The words for a filter that removed the last endpoints of a known model. */
export function refuseFiltered(
  reason: ExclusionReason | undefined,
  models: readonly string[],
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
): Refusal {
  const model = models.join(", ");
  switch (reason) {
    case undefined:
    case "no_worker":
    case "disabled": {
      const providers = [...new Set(endpoints.map(({ endpoint }) => endpoint.provider))];
      const hint =
        providers.length === 0
          ? ""
          : ` Providers that serve it, none of them switched on here: ${shorten(providers)}.`;
      return { noCandidate: "no_provider", message: `No endpoints found for ${model}.${hint}` };
    }
    case "context_length":
      return { noCandidate: "context_length", message: explainContext(endpoints, features) };
    default:
      return { noCandidate: "constraints", message: explainConstraint(reason, model, features) };
  }
}

function explainConstraint(
  reason: ExclusionReason,
  model: string,
  features: RequestFeatures,
): string {
  const { provider, parameters, inputModalities } = features.request;
  switch (reason) {
    case "tools":
      return `No endpoints found that support tool use. Remove tools, or choose a model whose supported_parameters hold "tools" (${model} has no such endpoint left).`;
    case "not_in_only":
      return `No allowed providers are available for the selected model. provider.only is ${list(provider?.only)}.`;
    case "ignored":
      return `All providers of ${model} have been ignored. provider.ignore is ${list(provider?.ignore)}.`;
    case "not_in_order":
      return `No allowed providers are available for the selected model. provider.order is ${list(provider?.order)} and provider.allow_fallbacks is false.`;
    case "data_policy":
      return "No endpoints found matching your data policy (provider.data_collection: deny).";
    case "zdr":
      return "No endpoints found matching your data policy (provider.zdr: zero data retention).";
    case "quantization":
      return `No endpoints found for ${model} with the requested quantizations: ${list(provider?.quantizations)}.`;
    case "max_price":
      return `No endpoints found for ${model} within provider.max_price. Raise it or remove it.`;
    case "parameters":
      return `No endpoints found for ${model} that can handle the requested parameters: ${shorten(parameters)}. Remove provider.require_parameters, or the parameters that are not supported.`;
    case "modality":
      return inputModalities.length > 0
        ? `No endpoints found that support ${inputModalities.join(" and ")} input`
        : `No endpoints found that support ${features.request.outputModalities.join(" and ") || "text"} output`;
    case "max_tokens":
      return `No endpoints found for ${model} that allow max_tokens of ${features.maxTokens}.`;
    default:
      return `No endpoints found for ${model}.`;
  }
}

function explainContext(
  endpoints: readonly RoutedEndpoint[],
  { promptTokens, maxTokens }: RequestFeatures,
): string {
  const largest = Math.max(0, ...endpoints.map(({ endpoint }) => endpoint.contextLength));
  const requested = promptTokens + maxTokens;
  return `This endpoint's maximum context length is ${largest} tokens. However, you requested about ${requested} tokens (${promptTokens} of input, ${maxTokens} in the output). Shorten the input or lower max_tokens.`;
}

function list(names: readonly string[] | undefined): string {
  return `[${shorten(names ?? [])}]`;
}

/** Enough to recognise, never a message of thousands of names. */
function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => name.slice(0, 80));
  return names.length > shown.length
    ? `${shown.join(", ")} and ${names.length - shown.length} more`
    : shown.join(", ");
}
