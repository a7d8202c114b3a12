import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { loadCatalog } from "@fairlead/catalog";
import { createLogger } from "@fairlead/kit";
import { HealthStatus } from "@fairlead/proto/catalog/v1/catalog";
import {
  AttemptBatchSchema,
  CatalogChangedSchema,
  WorkerAnnouncementSchema,
} from "@fairlead/proto/events/v1/events";
import { NoCandidate, RouterService } from "@fairlead/proto/router/v1/router";
import { createClient, createLink, type RpcClient } from "@fairlead/rpc";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type HealthBand, healthBand } from "./domain/health/health-band.ts";
import { workerSilenceMs } from "./domain/workers/worker-registry.ts";
import { followCatalog } from "./events/follow-catalog.ts";
import { followHealth } from "./events/follow-health.ts";
import { followWorkers } from "./events/follow-workers.ts";
import { RouterState } from "./router-state.ts";
import { createRouterMetrics } from "./router-metrics.ts";
import { createServer } from "./server.ts";

const logger = createLogger({ service: "router-test", level: "fatal" });
const faults = vi.spyOn(logger, "error");
const model = "acme/model";
const path = join(mkdtempSync(join(tmpdir(), "fairlead-router-")), "catalog.yaml");

function describeProviders(...prices: number[]): string {
  const providers = prices.map(
    (price, index) => `  - id: p${index}
    dialect: openai
    base_url: http://127.0.0.1:1/v1
    models: [{ id: ${model}, price: { prompt: "${price}", completion: "${price}" } }]`,
  );
  return `providers:\n${providers.join("\n")}\n`;
}

let nats: TestNats;
let bus: Bus;
let state: RouterState;
/** The router's clock. It stands still, so that no pause and no worker runs out by itself. */
let nowMs = Date.now();
let client: RpcClient<typeof RouterService>;
let linked: RpcClient<typeof RouterService>;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  writeFileSync(path, describeProviders(1, 1, 1));
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "router-test", logger });
  await bus.ensureStreams(1);
  state = new RouterState(loadCatalog([path]), () => nowMs, Math.random);
  const metrics = createRouterMetrics(state);
  const feeds = [
    followHealth(bus, state),
    followWorkers(bus, state),
    followCatalog([path], { bus, state, metrics, logger }),
  ];
  const server = createServer({ state, metrics, logger });
  const address = `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
  client = createClient(RouterService, address);
  const link = createLink(address, { logger });
  linked = link.client(RouterService);
  closers.push(
    () => link.close(),
    () => client.close(),
    () => server.close(),
  );
  closers.push(...feeds.map((feed) => () => feed.close()));
});

afterAll(async () => {
  for (const close of closers) {
    await close();
  }
  await bus?.close();
  await nats?.stop();
});

const options = { timeoutMs: 10_000 };

async function planProviders(): Promise<string[]> {
  const { candidates } = await client.plan({ models: [model] }, options);
  return candidates.map((candidate) => candidate.provider);
}

/** Resolves when the router has heard of the worker. */
async function announce(...providers: string[]): Promise<void> {
  const message = { worker: "w1", pool: "main", address: "127.0.0.1:1", providers, capacity: 10 };
  bus.publish(WorkerAnnouncementSchema, subjects.worker, create(WorkerAnnouncementSchema, message));
  const pools = () => providers.map((provider) => state.workers.poolOf(provider));
  await expect.poll(pools).toEqual(providers.map(() => "main"));
}

function endpointOf(provider: string): string {
  const endpoints = state.catalog.endpointsByModel.get(model) ?? [];
  return endpoints.find(({ endpoint }) => endpoint.provider === provider)?.endpoint.id ?? "";
}

function bandOf(provider: string, router = state): HealthBand {
  return router.health.band(endpointOf(provider), router.now());
}

function publishAttempt(provider: string, isSuccess: boolean): void {
  const id = endpointOf(provider);
  const fault = { httpStatus: 503, isEndpointFault: true, code: "provider_unavailable" };
  const attempt = { atMs: BigInt(nowMs), isSuccess, ...(!isSuccess && { fault }) };
  bus.publish(
    AttemptBatchSchema,
    subjects.attempt(id),
    create(AttemptBatchSchema, { endpointId: id, worker: "w1", attempts: [attempt] }),
  );
}

describe("the router over NATS and gRPC", () => {
  it("has no candidates until a worker serves the provider, then whole ones", async () => {
    const before = await client.plan({ models: [model] }, options);
    expect(before.noCandidate).toBe(NoCandidate.NO_PROVIDER);
    expect(before.exclusions.map((each) => each.reason)).toEqual(Array(3).fill("no_worker"));
    const unknown = await client.plan({ models: ["acme/none"] }, options);
    expect(unknown.message).toBe("acme/none is not a valid model ID");
    await announce("p0", "p1", "p2");
    expect(await planProviders()).toHaveLength(3);
    const request = { models: [model], parameters: ["top_a", "temperature"] };
    for (const each of [client, linked]) {
      const { candidates, catalogVersion, strategy } = await each.plan(request, options);
      expect(catalogVersion).toBe(state.catalog.version);
      expect(strategy).toBe("weighted");
      expect(candidates[0]).toMatchObject({
        pool: "main",
        model,
        upstreamModel: model,
        unsupportedParameters: ["top_a"],
        price: { rates: { promptPico: 1_000_000n } },
        timeouts: { connectMs: 3_000 },
      });
    }
  });

  it("puts an endpoint last by one published failure, and back by a success", async () => {
    await announce("p0", "p1", "p2");
    publishAttempt("p1", false);
    await expect.poll(() => bandOf("p1")).toBe(healthBand.ejected);
    const planned = await planProviders();
    expect(planned.toSorted()).toEqual(["p0", "p1", "p2"]);
    expect(planned[2]).toBe("p1");
    const { endpoints } = await client.listEndpoints({ model }, options);
    const down = endpoints.filter((each) => each.health?.status === HealthStatus.DOWN);
    expect(down.map((each) => each.provider)).toEqual(["p1"]);
    publishAttempt("p1", true);
    await expect.poll(() => bandOf("p1")).toBe(healthBand.normal);
  });

  it("lists models, providers and idle endpoints of live workers", async () => {
    await announce("p0", "p1", "p2");
    const { models } = await client.listModels({}, options);
    expect(models.find((each) => each.id === model)?.isAvailable).toBe(true);
    expect(models.find((each) => each.id === "openai/gpt-4o")?.isAvailable).toBe(false);
    const { endpoints } = await client.listIdleEndpoints({ idleMs: 60_000, limit: 10 }, options);
    expect(endpoints.every((each) => each.pool === "main")).toBe(true);
    const { providers } = await client.listProviders({}, options);
    expect(providers.find((each) => each.slug === "p0")?.isAvailable).toBe(true);
    await expect(client.listEndpoints({ model: "no/such" }, options)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("puts an edit in effect and announces it; refuses a bad one", async () => {
    const versions: bigint[] = [];
    const subscription = bus.subscribe(CatalogChangedSchema, subjects.catalogChanged, (message) =>
      versions.push(message.catalogVersion),
    );
    const before = state.catalog.version;
    writeFileSync(path, describeProviders(1, 1, 1, 2));
    // To read the whole catalog anew takes a busy machine its time.
    await expect.poll(() => state.catalog.version, { timeout: 20_000 }).not.toBe(before);
    expect(state.catalog.catalog.providers.has("p3")).toBe(true);
    await expect.poll(() => versions).toContain(state.catalog.version);
    const good = state.catalog.version;
    writeFileSync(path, describeProviders(-1));
    await expect.poll(() => faults.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(JSON.stringify(faults.mock.calls[0])).toContain(
      `${path}:5:49: providers[0].models[0].price.prompt`,
    );
    expect(state.catalog.version).toBe(good);
    subscription.close();
  });

  it("gives a router that starts the health of the minutes before", async () => {
    publishAttempt("p2", false);
    const second = new RouterState(loadCatalog([]), Date.now, Math.random);
    const feed = followHealth(bus, second);
    await expect.poll(() => bandOf("p2", second)).toBe(healthBand.ejected);
    feed.close();
  });

  it("forgets a worker that falls silent", async () => {
    await announce("p0", "p1", "p2");
    expect(await planProviders()).not.toHaveLength(0);
    nowMs += workerSilenceMs + 1;
    await expect.poll(planProviders).toEqual([]);
  });
});
