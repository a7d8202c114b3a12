import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Model, Provider } from "@fairlead/catalog";
import {
  type EndpointSchema,
  HealthStatus,
  type ModelSchema,
  type ProviderSchema,
} from "@fairlead/proto/catalog/v1/catalog";
import type { RoutedEndpoint } from "../domain/catalog/routed-endpoint.ts";
import { type EndpointHealth, windowsMs } from "../domain/health/endpoint-health.ts";
import { healthBand } from "../domain/health/health-band.ts";

/** Below this an uptime of a few attempts would mislead; a day's may rest on fewer. */
const uptimeAttemptsMin = 20;

const statusOfBand = {
  [healthBand.normal]: HealthStatus.HEALTHY,
  [healthBand.degraded]: HealthStatus.DEGRADED,
  [healthBand.outage]: HealthStatus.DOWN,
  [healthBand.ejected]: HealthStatus.DOWN,
};

/** A model as the public API shows it: the widest that these endpoints offer, at their cheapest. */
export function describeModel(
  model: Model,
  endpoints: readonly RoutedEndpoint[],
  isAvailable: boolean,
): MessageInitShape<typeof ModelSchema> {
  const cheapest = endpoints.reduce((best, each) =>
    blendPrice(each) < blendPrice(best) ? each : best,
  );
  const list = endpoints.map(({ endpoint }) => endpoint);
  return {
    id: model.id,
    name: model.name,
    description: model.description,
    created: BigInt(model.created),
    contextLength: BigInt(Math.max(...list.map((endpoint) => endpoint.contextLength))),
    maxCompletionTokens: BigInt(Math.max(...list.map((endpoint) => endpoint.maxCompletionTokens))),
    inputModalities: unite(list.map((endpoint) => endpoint.inputModalities)),
    outputModalities: unite(list.map((endpoint) => endpoint.outputModalities)),
    supportedParameters: unite(list.map((endpoint) => endpoint.supportedParameters)),
    price: cheapest.endpoint.price,
    knowledgeCutoff: model.knowledgeCutoff,
    isReasoning: model.isReasoning,
    isOpenWeights: model.isOpenWeights,
    tokenizer: "Other",
    isAvailable,
  };
}

/** An endpoint that no live worker can call is down, whatever was measured of it before. */
export function describeEndpoint(
  { endpoint }: RoutedEndpoint,
  health: EndpointHealth | undefined,
  isServed: boolean,
  nowMs: number,
): MessageInitShape<typeof EndpointSchema> {
  const { rates } = endpoint.price;
  return {
    id: endpoint.id,
    model: endpoint.model,
    provider: endpoint.provider,
    providerName: endpoint.providerName,
    quantization: endpoint.quantization,
    contextLength: BigInt(endpoint.contextLength),
    maxCompletionTokens: BigInt(endpoint.maxCompletionTokens),
    price: endpoint.price,
    supportedParameters: [...endpoint.supportedParameters],
    supportsImplicitCaching: rates.cacheReadPico < rates.promptPico,
    health: {
      ...(health !== undefined && describeHealth(health, nowMs)),
      status: isServed ? statusOfBand[health?.band(nowMs) ?? healthBand.normal] : HealthStatus.DOWN,
    },
  };
}

export function describeProvider(
  provider: Provider,
  isAvailable: boolean,
): MessageInitShape<typeof ProviderSchema> {
  return {
    slug: provider.slug,
    name: provider.name,
    privacyPolicyUrl: provider.privacyPolicyUrl,
    termsOfServiceUrl: provider.termsOfServiceUrl,
    statusPageUrl: provider.statusPageUrl,
    isAvailable,
  };
}

function describeHealth(health: EndpointHealth, nowMs: number) {
  const uptime = (windowMs: number) => health.uptimePercent(windowMs, uptimeAttemptsMin, nowMs);
  const uptime5m = uptime(windowsMs.fiveMinutes);
  const uptime30m = uptime(windowsMs.halfHour);
  const uptime1d = uptime(windowsMs.day);
  const latencyMs = describeQuantiles(health.latencyQuantiles(windowsMs.halfHour, nowMs));
  const throughput = describeQuantiles(health.throughputQuantiles(windowsMs.halfHour, nowMs));
  return {
    ...(uptime5m !== undefined && { uptime5m }),
    ...(uptime30m !== undefined && { uptime30m }),
    ...(uptime1d !== undefined && { uptime1d }),
    ...(latencyMs && { latencyMs }),
    ...(throughput && { throughput }),
  };
}

function describeQuantiles(values: readonly number[] | undefined) {
  const [p50 = 0, p75 = 0, p90 = 0, p99 = 0] = values ?? [];
  return values === undefined ? undefined : { p50, p75, p90, p99 };
}

/** Three prompt tokens for each completion token, as in the ranking of endpoints. */
function blendPrice({ ranking }: RoutedEndpoint): number {
  return ranking.prompt * 3 + ranking.completion;
}

function unite(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}
