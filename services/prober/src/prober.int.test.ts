import { type Bus, connectBus, subjects } from "@fairlead/bus";
import { createLogger } from "@fairlead/kit";
import { AdapterService } from "@fairlead/proto/adapter/v1/adapter";
import { type ProbeResult, ProbeResultSchema } from "@fairlead/proto/events/v1/events";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { addService, createClient, createRpcServer, type ServiceHandlers } from "@fairlead/rpc";
import { startNats, type TestNats } from "@fairlead/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ProberPeers } from "./domain/prober-peers.ts";
import { Schedule } from "./domain/schedule.ts";
import { WorkerList } from "./domain/worker-list.ts";
import { AdapterClients } from "./grpc/adapter-clients.ts";
import { Prober } from "./prober.ts";

const logger = createLogger({ service: "prober-test", level: "fatal" });
const unused = () => Promise.reject(new Error("not called"));
const endpoints = ["up", "down", "unserved"].map((endpointId) => ({
  endpointId,
  provider: endpointId === "unserved" ? "nobody" : "acme",
  pool: "main",
}));

const routerHandlers: ServiceHandlers<typeof RouterService> = {
  plan: unused,
  listModels: unused,
  listEndpoints: unused,
  listProviders: unused,
  listIdleEndpoints: async () => ({ endpoints }),
};
const adapterHandlers: ServiceHandlers<typeof AdapterService> = {
  generate: () => {
    throw new Error("not called");
  },
  abort: unused,
  acknowledgeUsage: unused,
  probe: async ({ endpointId }) =>
    endpointId === "up"
      ? { isUp: true, latencyMs: 12, isFree: true }
      : { isUp: false, fault: { httpStatus: 503, isEndpointFault: true } },
};

let nats: TestNats;
let bus: Bus;
const server = createRpcServer({ logger });
let address = "";

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "prober-test", logger });
  await bus.ensureStreams(1);
  addService(server, RouterService, routerHandlers);
  addService(server, AdapterService, adapterHandlers);
  address = `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
});

afterAll(async () => {
  server.close();
  await bus?.close();
  await nats?.stop();
});

describe("Prober", () => {
  it("probes idle endpoints of live workers and publishes what it found", async () => {
    const results: ProbeResult[] = [];
    bus.subscribe(ProbeResultSchema, subjects.allProbes, (result) => results.push(result));
    const workers = new WorkerList();
    workers.hear(
      {
        $typeName: "fairlead.events.v1.WorkerAnnouncement",
        worker: "w",
        pool: "main",
        address,
        providers: ["acme"],
        capacity: 1,
        inFlight: 0,
        isDraining: false,
      },
      Date.now(),
    );
    const router = createClient(RouterService, address);
    const adapters = new AdapterClients();
    const schedule = new Schedule({
      intervalMs: 60_000,
      paidIntervalMs: 60_000,
      endpointsMax: 10,
      random: Math.random,
    });
    const peers = new ProberPeers("alone");
    const nowMs = Date.now();
    peers.hear("alone", false, nowMs - 2_000);
    peers.hear("alone", false, nowMs);
    const prober = new Prober(
      { router, adapters, bus, workers, peers, schedule, logger, now: Date.now },
      { name: "alone", idleMs: 1_000, concurrency: 8, timeoutMs: 2_000 },
    );
    await prober.runRound(new AbortController().signal);
    await prober.settle();
    await vi.waitFor(() => expect(results).toHaveLength(2));
    const found = new Map(results.map((result) => [result.endpointId, result]));
    expect(found.get("up")).toMatchObject({ isUp: true, latencyMs: 12 });
    expect(found.get("down")).toMatchObject({ isUp: false, fault: { httpStatus: 503 } });
    await prober.runRound(new AbortController().signal);
    await prober.settle();
    expect(results).toHaveLength(2);
    router.close();
    adapters.close();
  });
});
