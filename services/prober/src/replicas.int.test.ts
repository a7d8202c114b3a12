import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { createLogger } from "@fairlead/kit";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import {
  type ProbeResult,
  ProbeResultSchema,
  WorkerAnnouncementSchema,
} from "@fairlead/proto/events/v1/events";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { addService, createClient, createRpcServer } from "@fairlead/rpc";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ProberPeers } from "./domain/prober-peers.ts";
import { Schedule } from "./domain/schedule.ts";
import { WorkerList } from "./domain/worker-list.ts";
import { announceProber } from "./events/announce-prober.ts";
import { followProbes } from "./events/follow-probes.ts";
import { AdapterClients } from "./grpc/adapter-clients.ts";
import { Prober } from "./prober.ts";

const INTERVAL_MS = 1_000;
const ROUND_MS = 50;
const ENDPOINTS = 40;
const logger = createLogger({ service: "prober-test", level: "fatal" });
const unused = () => Promise.reject(new Error("not called"));
const endpoints = Array.from({ length: ENDPOINTS }, (_, index) => ({
  endpointId: `endpoint-${index}`,
  provider: "acme",
  pool: "main",
}));

let nats: TestNats;
let bus: Bus;
let address = "";
const server = createRpcServer({ logger });

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", logger });
  await bus.ensureStreams(1);
  addService(server, RouterService, {
    plan: unused,
    listModels: unused,
    listEndpoints: unused,
    listProviders: unused,
    listIdleEndpoints: async () => ({ endpoints }),
  });
  addService(server, AdapterService, {
    generate: () => {
      throw new Error("not called");
    },
    abort: unused,
    acknowledgeUsage: unused,
    probe: async () => ({ isUp: true, latencyMs: 1, isFree: true }),
  });
  address = `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
});

afterAll(async () => {
  server.close();
  await bus?.close();
  await nats?.stop();
});

/** A prober as main.ts puts it together, with a bus of its own. `leave`: with or without goodbye. */
async function startProber(name: string) {
  const own = await connectBus({ url: nats.url, name, logger });
  const workers = new WorkerList();
  const worker = create(WorkerAnnouncementSchema, { worker: "w", pool: "main", address });
  workers.hear({ ...worker, providers: ["acme"] }, Date.now() + 3_600_000);
  const router = createClient(RouterService, address);
  const adapters = new AdapterClients();
  const random = () => 0.5;
  const even = { intervalMs: INTERVAL_MS, paidIntervalMs: INTERVAL_MS, endpointsMax: 1_000 };
  const schedule = new Schedule({ ...even, random });
  const peers = new ProberPeers(name);
  const probes = followProbes(own, { prober: name, schedule, historyMs: INTERVAL_MS });
  const announcer = announceProber(own, name, peers);
  const prober = new Prober(
    { router, adapters, bus: own, workers, peers, schedule, logger, now: Date.now },
    { name, idleMs: 0, concurrency: 64, timeoutMs: 2_000 },
  );
  const stopping = new AbortController();
  const rounds = prober.run(ROUND_MS, stopping.signal);
  return async (isKilled: boolean) => {
    if (isKilled) {
      await own.close();
    }
    stopping.abort();
    await rounds;
    announcer.leave();
    probes.close();
    await own.close();
    router.close();
    adapters.close();
  };
}

it("shares the endpoints of several probers: none twice, and those of a dead one taken over", async () => {
  const results: ProbeResult[] = [];
  bus.subscribe(ProbeResultSchema, subjects.allProbes, (result) => results.push(result));
  const probersOf = () => {
    const found = new Map<string, Set<string>>();
    for (const { endpointId, prober } of results) {
      found.set(endpointId, (found.get(endpointId) ?? new Set()).add(prober));
    }
    return found;
  };
  const stopFirst = await startProber("first");
  const stopSecond = await startProber("second");
  await vi.waitFor(() => expect(probersOf().size).toBe(ENDPOINTS), { timeout: 10_000 });
  await delay(INTERVAL_MS);
  // While both settled, the first one may have been alone for a moment: from now on, shares are even.
  results.length = 0;
  await delay(3 * INTERVAL_MS);
  const shared = probersOf();
  expect(shared.size).toBe(ENDPOINTS);
  expect([...shared.values()].filter((probers) => probers.size > 1)).toEqual([]);
  for (const name of ["first", "second"]) {
    const share = [...shared.values()].filter((probers) => probers.has(name));
    expect(share.length).toBeGreaterThan(ENDPOINTS / 5);
  }
  // One probe an interval for each endpoint, whoever makes it.
  expect(results.length).toBeLessThanOrEqual(4 * ENDPOINTS);

  await stopFirst(true);
  const killedAtMs = Date.now();
  results.length = 0;
  await vi.waitFor(() => expect(probersOf().size).toBe(ENDPOINTS), { timeout: 10_000 });
  expect(Date.now() - killedAtMs).toBeLessThan(6_000);
  expect(new Set(results.map(({ prober }) => prober))).toEqual(new Set(["second"]));

  // A successor shares again; after a goodbye the other takes over without the silence.
  const stopThird = await startProber("third");
  await vi.waitFor(() => expect(results.some(({ prober }) => prober === "third")).toBe(true), {
    timeout: 10_000,
  });
  await stopSecond(false);
  const leftAtMs = Date.now();
  results.length = 0;
  await vi.waitFor(() => expect(probersOf().size).toBe(ENDPOINTS), { timeout: 10_000 });
  expect(Date.now() - leftAtMs).toBeLessThan(2_500);
  await stopThird(false);
}, 60_000);
