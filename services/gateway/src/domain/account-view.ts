import { costNano } from "@fairlead/pricing";
import type {
  GetCreditsResponse,
  GetGenerationResponse,
  GetKeyUsageResponse,
} from "@fairlead/proto/ledger/v1/ledger";
import { Outcome, type UsageEvent, UsageSource } from "@fairlead/proto/usage/v1/usage";

type Json = Record<string, unknown>;

const NANO_PER_USD = 1_000_000_000;

const USAGE_SOURCES: Readonly<Record<UsageSource, string | null>> = {
  [UsageSource.UNSPECIFIED]: null,
  [UsageSource.PROVIDER]: "provider",
  [UsageSource.COUNTED]: "counted",
  [UsageSource.ESTIMATED]: "estimated",
};

/**
 * `GET /key`. Amounts are shown as JSON numbers in USD, as clients expect; nothing is computed on
 * them.
 */
export function viewKey(usage: GetKeyUsageResponse): Json {
  const { key } = usage;
  const isManagement = key?.isManagement ?? false;
  return {
    label: key?.label ?? "",
    name: key?.name ?? "",
    limit: toUsdOrNull(key?.limitNano),
    limit_remaining: toUsdOrNull(usage.limitRemainingNano),
    limit_reset: key?.limitReset || null,
    include_byok_in_limit: false,
    usage: toUsd(usage.usageNano),
    usage_daily: toUsd(usage.usageDailyNano),
    usage_weekly: toUsd(usage.usageWeeklyNano),
    usage_monthly: toUsd(usage.usageMonthlyNano),
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    is_free_tier: usage.isFreeTier,
    is_management_key: isManagement,
    is_provisioning_key: isManagement,
    creator_user_id: null,
    expires_at: toIsoOrNull(key?.expiresAtMs ?? 0n),
    rate_limit: {
      requests: key?.requestsPerMinute || -1,
      interval: "1m",
      note: "This field is deprecated and safe to ignore.",
    },
  };
}

/** `GET /credits`. */
export function viewCredits(credits: GetCreditsResponse): Json {
  return {
    total_credits: toUsd(credits.totalCreditsNano),
    total_usage: toUsd(credits.totalUsageNano),
  };
}

/**
 * `GET /generation`; undefined for an answer without a record. `nameOf` shows a provider's slug.
 */
export function viewGeneration(
  answer: GetGenerationResponse,
  nameOf: (provider: string) => string,
): Json | undefined {
  const { event } = answer;
  if (event === undefined) {
    return undefined;
  }
  const { tokens } = event;
  const prompt = Number(tokens?.promptTokens ?? 0n);
  const completion = Number(tokens?.completionTokens ?? 0n);
  const cost = toUsd(event.costNano);
  return {
    id: event.generationId,
    request_id: event.generationId,
    upstream_id: event.upstreamId || null,
    created_at: new Date(Number(event.createdMs)).toISOString(),
    model: event.model,
    router: null,
    provider_name: event.provider === "" ? null : nameOf(event.provider),
    provider_responses: viewAttempts(event, nameOf),
    api_type: "completions",
    streamed: event.streamed,
    cancelled: event.outcome === Outcome.CANCELLED,
    finish_reason: event.finishReason || null,
    native_finish_reason: event.nativeFinishReason || null,
    tokens_prompt: prompt,
    tokens_completion: completion,
    native_tokens_prompt: prompt,
    native_tokens_completion: completion,
    native_tokens_cached: Number(tokens?.cachedTokens ?? 0n),
    native_tokens_reasoning: Number(tokens?.reasoningTokens ?? 0n),
    native_tokens_completion_images: 0,
    usage_source: USAGE_SOURCES[tokens?.source ?? UsageSource.UNSPECIFIED] ?? null,
    num_media_prompt: null,
    num_media_completion: null,
    num_input_audio_prompt: null,
    num_search_results: null,
    num_fetches: null,
    web_search_engine: null,
    total_cost: cost,
    usage: cost,
    upstream_inference_cost: cost,
    cache_discount: toCacheDiscount(event),
    is_byok: false,
    latency: event.firstTokenMs,
    generation_time: event.durationMs,
    moderation_latency: null,
    origin: event.httpReferer,
    http_referer: event.httpReferer || null,
    user_agent: null,
    app_id: null,
    external_user: event.endUser || null,
    session_id: event.sessionId || null,
    preset_id: null,
    service_tier: null,
    data_region: "global",
    workspace_id: null,
    response_cache_source_id: null,
  };
}

/** The failed attempts, then the last, which had what they left of the time. */
function viewAttempts(event: UsageEvent, nameOf: (provider: string) => string): Json[] {
  const responses: Json[] = event.attempts.map((attempt) => ({
    endpoint_id: attempt.endpointId,
    provider_name: nameOf(attempt.provider),
    status: attempt.status || null,
    latency: attempt.latencyMs,
    is_byok: false,
  }));
  if (event.provider !== "") {
    const hasAnswered =
      event.outcome === Outcome.COMPLETED ||
      event.upstreamId !== "" ||
      (event.tokens?.completionTokens ?? 0n) > 0n;
    const lostMs = event.attempts.reduce((sum, { latencyMs }) => sum + latencyMs, 0);
    responses.push({
      endpoint_id: event.endpointId,
      ...(event.upstreamId !== "" && { id: event.upstreamId }),
      provider_name: nameOf(event.provider),
      model_permaslug: event.model,
      status: hasAnswered ? 200 : null,
      latency: Math.max(0, event.durationMs - lostMs),
      is_byok: false,
    });
  }
  return responses;
}

/** What the prompt would have cost more without a cache: negative where it was written to it. */
function toCacheDiscount({ price, tokens, costNano: chargedNano }: UsageEvent): number | null {
  const usesCache = (tokens?.cachedTokens ?? 0n) > 0n || (tokens?.cacheWriteTokens ?? 0n) > 0n;
  if (!usesCache || price === undefined || tokens === undefined || chargedNano === 0n) {
    return null;
  }
  const without = costNano(price, { ...tokens, cachedTokens: 0n, cacheWriteTokens: 0n });
  return toUsd(without.costNano - costNano(price, tokens).costNano);
}

/** The nearest JSON number: exact to the nano-dollar up to nine million dollars. */
function toUsd(nano: bigint): number {
  return Number(nano) / NANO_PER_USD;
}

function toUsdOrNull(nano: bigint | undefined): number | null {
  return nano === undefined ? null : toUsd(nano);
}

function toIsoOrNull(milliseconds: bigint): string | null {
  return milliseconds === 0n ? null : new Date(Number(milliseconds)).toISOString();
}
