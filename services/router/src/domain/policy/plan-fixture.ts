import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Catalog,
  defaultTimeouts,
  type Endpoint,
  endpointId,
  type Rates,
} from "@fairlead/catalog";
import { PlanRequestSchema } from "@fairlead/proto/router/v1/router";
import { createRoutingCatalog } from "../catalog/routing-catalog.ts";
import { HealthRegistry } from "../health/health-registry.ts";
import { plan } from "./plan.ts";
import type { Plan, PlanContext } from "./plan-types.ts";

/** mulberry32: a seeded uniform in [0, 1), so that a failing test can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), 1 | state);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), 61 | hash)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function ratesOf(promptPico: bigint, completionPico = promptPico): Rates {
  return {
    promptPico,
    completionPico,
    cacheReadPico: promptPico,
    cacheWritePico: promptPico,
    reasoningPico: completionPico,
    audioInputPico: promptPico,
    audioOutputPico: completionPico,
    imageInputPico: promptPico,
    requestPico: 0n,
    cacheWrite1hPico: 0n,
  };
}

export interface EndpointFacts extends Partial<Omit<Endpoint, "price">> {
  readonly provider: string;
  readonly promptPico?: bigint;
  readonly completionPico?: bigint;
}

export function endpointOf(facts: EndpointFacts): Endpoint {
  const { promptPico = 1_000_000n, completionPico = promptPico, ...rest } = facts;
  const model = facts.model ?? "acme/one";
  return {
    id: endpointId(facts.provider, model, "up"),
    providerName: facts.provider,
    dialect: "openai",
    model,
    upstreamModel: "up",
    variant: "",
    price: { version: "v", rates: ratesOf(promptPico, completionPico), tiers: [] },
    contextLength: 8_000,
    maxCompletionTokens: 0,
    quantization: "unknown",
    inputModalities: ["text"],
    outputModalities: ["text"],
    supportedParameters: ["temperature", "max_tokens", "tools", "response_format"],
    timeouts: defaultTimeouts,
    isDisabled: false,
    collectsData: true,
    isZeroRetention: false,
    ...rest,
  };
}

export function catalogOf(facts: readonly EndpointFacts[]): Catalog {
  const endpoints = facts.map(endpointOf);
  const byModel = Map.groupBy(endpoints, (endpoint) => endpoint.model);
  const describe = (id: string) => ({
    id,
    name: id,
    description: "",
    created: 0,
    knowledgeCutoff: "",
    isReasoning: false,
    isOpenWeights: false,
  });
  return {
    version: 1n,
    providers: new Map(),
    models: new Map([...byModel.keys()].map((id) => [id, describe(id)])),
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.id, endpoint])),
    endpointsByModel: byModel,
    aliases: new Map([["house", "acme/one"]]),
  };
}

export interface Fixture {
  readonly context: PlanContext;
  readonly health: HealthRegistry;
  run(request: MessageInitShape<typeof PlanRequestSchema>, nowMs?: number): Plan;
  /** Providers of the candidates, in order. */
  order(request: MessageInitShape<typeof PlanRequestSchema>, nowMs?: number): string[];
}

/** A router over a few endpoints; a provider called "absent" has no worker. */
export function createFixture(facts: readonly EndpointFacts[], seed = 1): Fixture {
  const health = new HealthRegistry();
  const context: PlanContext = {
    catalog: createRoutingCatalog(catalogOf(facts)),
    health,
    pools: {
      poolOf: (provider) => (provider === "absent" ? undefined : "default"),
      headroomOf: () => 1,
    },
    random: seededRandom(seed),
    nowMs: 1_000_000,
  };
  const run: Fixture["run"] = (request, nowMs = context.nowMs) =>
    plan(create(PlanRequestSchema, { models: ["acme/one"], ...request }), { ...context, nowMs });
  return {
    context,
    health,
    run,
    order: (request, nowMs) =>
      run(request, nowMs).candidates.map((c) => c.routed.endpoint.provider),
  };
}
