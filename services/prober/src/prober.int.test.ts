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
  probe: async ({ endpointId }) => {
    probed.push(endpointId);
    return endpointId === "up"
      ? { isUp: true, latencyMs: 12, isFree: true }
      : { isUp: false, fault: { httpStatus: 503, isEndpointFault: true } };
  },
};

/** In the order of their probes. */
const probed: string[] = [];

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
  it("probes idle endpoints of live workers when they are due, and publishes what it found", async () => {
    const results: ProbeResult[] = [];
    bus.subscribe(ProbeResultSchema, subjects.allProbes, (result) => results.push(result));
    await bus.flush(5_000);
    let nowMs = Date.UTC(2026, 10, 21, 12);
    const workers = new WorkerList();
    const peers = new ProberPeers("alone");
    /** Lets the time pass, at whose end worker and prober have been heard all along. */
    const pass = (durationMs: number) => {
      nowMs += durationMs;
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
        nowMs,
      );
      peers.hear("alone", false, nowMs - 2_000);
      peers.hear("alone", false, nowMs);
    };
    const router = createClient(RouterService, address);
    const adapters = new AdapterClients();
    const schedule = new Schedule({
      intervalMs: 60_000,
      paidIntervalMs: 60_000,
      endpointsMax: 10,
      random: () => 0.5,
    });
    const prober = new Prober(
      { router, adapters, bus, workers, peers, schedule, logger, now: () => nowMs },
      { name: "alone", idleMs: 1_000, concurrency: 8, timeoutMs: 2_000 },
    );
    const runRound = async () => {
      // All are its own in each round: what is not probed is not due.
      const ids = endpoints.map(({ endpointId }) => endpointId);
      expect(peers.selectOwn(ids, nowMs)).toEqual(ids);
      await prober.runRound(new AbortController().signal);
      await prober.settle();
      return probed.splice(0).toSorted();
    };
    pass(0);
    expect(await runRound()).toEqual(["down", "up"]);
    await vi.waitFor(() => expect(results).toHaveLength(2), { timeout: 10_000 });
    const found = new Map(results.map((result) => [result.endpointId, result]));
    expect(found.get("up")).toMatchObject({ isUp: true, latencyMs: 12, atMs: BigInt(nowMs) });
    expect(found.get("down")).toMatchObject({ isUp: false, fault: { httpStatus: 503 } });
    pass(4_999);
    expect(await runRound()).toEqual([]);
    // What is down is looked at again soon, what is up after its interval.
    pass(1);
    expect(await runRound()).toEqual(["down"]);
    pass(55_000);
    expect(await runRound()).toEqual(["down", "up"]);
    router.close();
    adapters.close();
  });
});
