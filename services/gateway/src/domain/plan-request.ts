import type { MessageInitShape } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type {
  ChatRequest,
  PercentileCutoffs,
  ProviderPreferences,
  RequestDescription,
} from "@fairlead/openai";
import { picoFromUsd, picoFromUsdPerMillion } from "@fairlead/pricing";
import type {
  MaxPriceSchema,
  PlanRequestSchema,
  ProviderPreferencesSchema,
} from "@fairlead/proto/router/v1/router";
import { toStickyKey } from "./sticky-key.ts";

export interface PlanFacts {
  readonly request: ChatRequest;
  readonly description: RequestDescription;
  readonly accountId: string;
  /** Of the `x-session-id` header; the body's beats it. */
  readonly sessionId: string;
  /** Whether the client wants to know of every endpoint that was left out. */
  readonly isExplained: boolean;
}

/** What the router needs to know of a request: features and wishes, never its content. */
export function toPlanRequest(facts: PlanFacts): MessageInitShape<typeof PlanRequestSchema> {
  const { request, description, accountId } = facts;
  return {
    models: listModels(request),
    ...(request.provider && { provider: toPreferences(request.provider) }),
    promptTokens: BigInt(description.promptTokensEstimate),
    maxTokens: BigInt(description.maxTokens),
    parameters: description.parameters,
    inputModalities: description.inputModalities,
    outputModalities: description.outputModalities,
    stream: description.isStream,
    accountId,
    ...(facts.isExplained && { explain: true }),
    stickyKey: toStickyKey(request, accountId, facts.sessionId),
  };
}

/** `model` first, then the fallbacks, each once. Throws when there is none. */
export function listModels(request: ChatRequest): string[] {
  const models = new Set(request.model === undefined ? [] : [request.model]);
  for (const model of request.models ?? []) {
    models.add(model);
  }
  if (models.size === 0) {
    throw new AppError("invalid_request", "model is required: name one such as author/slug.", {
      param: "model",
    });
  }
  return [...models];
}

function toPreferences(
  provider: ProviderPreferences,
): MessageInitShape<typeof ProviderPreferencesSchema> {
  const sort = typeof provider.sort === "object" ? provider.sort.by : provider.sort;
  const latency = toPercentiles(provider.preferred_max_latency);
  const throughput = toPercentiles(provider.preferred_min_throughput);
  return {
    order: [...(provider.order ?? [])],
    only: [...(provider.only ?? [])],
    ignore: [...(provider.ignore ?? [])],
    quantizations: [...(provider.quantizations ?? [])],
    ...(provider.allow_fallbacks !== undefined && { allowFallbacks: provider.allow_fallbacks }),
    requireParameters: provider.require_parameters === true,
    denyDataCollection: provider.data_collection === "deny",
    zdr: provider.zdr === true,
    // "exacto" orders by tool quality, of which nothing is measured yet: the default order stands.
    sort: sort === undefined || sort === "exacto" ? "" : sort,
    sortAcrossModels: typeof provider.sort === "object" && provider.sort.partition === "none",
    ...(provider.max_price && { maxPrice: toMaxPrice(provider.max_price) }),
    ...(throughput && { preferredMinThroughput: throughput }),
    ...(latency && { preferredMaxLatencySeconds: latency }),
  };
}

/** Tokens are priced by the million, requests by the piece; the validated text always fits. */
function toMaxPrice(
  price: NonNullable<ProviderPreferences["max_price"]>,
): MessageInitShape<typeof MaxPriceSchema> {
  const { prompt, completion, request } = price;
  return {
    ...(prompt !== undefined && { promptPico: picoFromUsdPerMillion(String(prompt)) }),
    ...(completion !== undefined && { completionPico: picoFromUsdPerMillion(String(completion)) }),
    ...(request !== undefined && { requestPico: picoFromUsd(String(request)) }),
  };
}

function toPercentiles(cutoffs: number | PercentileCutoffs | undefined) {
  return typeof cutoffs === "number" ? { p50: cutoffs } : cutoffs;
}
