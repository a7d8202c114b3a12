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
const PATIENCE = { timeout: 30_000, interval: 50 };
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

/** A prober as main.ts puts it together, with a bus of its own. */
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
  return {
    name,
    peers,
    prober,
    /** Ends it, with or without its goodbye; resolves with a time after its last probe. */
    async stop({ isKilled }: { isKilled: boolean }): Promise<number> {
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
      return Date.now();
    },
  };
}

type RunningProber = Awaited<ReturnType<typeof startProber>>;

/**
 * Resolves with a time after which every probe was chosen by probers that knew of each other: one
 * that was chosen before has ended.
 */
async function waitUntilShared(probers: readonly RunningProber[]): Promise<number> {
  await vi.waitFor(() => {
    const counts = probers.map(({ peers }) => peers.count(Date.now()));
    expect(counts).toEqual(probers.map(() => probers.length));
  }, PATIENCE);
  await Promise.all(probers.map(({ prober }) => prober.settle()));
  return Date.now();
}

/**
 * All results after that time, once each endpoint has so many. Judged by the time that the probers
 * state, not by when a result arrives here.
 */
async function collectResults(afterMs: number, count: number): Promise<Map<string, ProbeResult[]>> {
  const byEndpoint = () => {
    const later = results.filter(({ atMs }) => Number(atMs) > afterMs);
    return Map.groupBy(later, ({ endpointId }) => endpointId);
  };
  await vi.waitFor(() => {
    const enough = [...byEndpoint().values()].filter((it) => it.length >= count);
    expect(enough).toHaveLength(ENDPOINTS);
  }, PATIENCE);
  return byEndpoint();
}

function probersOf(found: ReadonlyMap<string, readonly ProbeResult[]>): string[] {
  return [...new Set([...found.values()].flat().map(({ prober }) => prober))].toSorted();
}

const results: ProbeResult[] = [];

it("shares the endpoints of several probers: none twice, and those of a dead one taken over", async () => {
  bus.subscribe(ProbeResultSchema, subjects.allProbes, (result) => results.push(result));
  await bus.flush(5_000);
  const first = await startProber("first");
  const second = await startProber("second");
  const sharedAtMs = await waitUntilShared([first, second]);
  const shared = await collectResults(sharedAtMs, 4);
  const owners = [...shared.values()].map((ofOne) => new Set(ofOne.map(({ prober }) => prober)));
  expect(owners.filter((probers) => probers.size > 1)).toEqual([]);
  for (const name of ["first", "second"]) {
    const share = owners.filter((probers) => probers.has(name));
    expect(share.length).toBeGreaterThan(ENDPOINTS / 5);
  }
  // One probe an interval for each endpoint, whoever makes it. What the other one found before
  // they shared may be heard late, and then counts for the first gap.
  for (const ofOne of shared.values()) {
    const times = ofOne.map(({ atMs }) => Number(atMs)).toSorted((left, right) => left - right);
    const gaps = times.slice(2).map((atMs, index) => atMs - (times[index + 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(INTERVAL_MS);
  }

  const killedAtMs = await first.stop({ isKilled: true });
  expect(probersOf(await collectResults(killedAtMs, 1))).toEqual(["second"]);

  // A successor shares again; at a goodbye the other takes over without waiting for the silence.
  const third = await startProber("third");
  const sharedAgainAtMs = await waitUntilShared([second, third]);
  expect(probersOf(await collectResults(sharedAgainAtMs, 1))).toEqual(["second", "third"]);
  const hear = vi.spyOn(third.peers, "hear");
  const leftAtMs = await second.stop({ isKilled: false });
  await vi.waitFor(
    () => expect(hear).toHaveBeenCalledWith("second", true, expect.any(Number)),
    PATIENCE,
  );
  await vi.waitFor(() => expect(third.peers.count(Date.now())).toBe(1), PATIENCE);
  expect(probersOf(await collectResults(leftAtMs, 1))).toEqual(["third"]);
  await third.stop({ isKilled: false });
}, 180_000);
