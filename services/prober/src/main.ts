import { setTimeout as delay } from "node:timers/promises";
import { connectBus, subjects } from "@fairlead/bus";
import { loadConfig, runService } from "@fairlead/kit";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { RouterService } from "@fairlead/proto/router/v1/router";
import { createClient, createRpcServer } from "@fairlead/rpc";
import { config as schema } from "./config.ts";
import { Schedule } from "./domain/schedule.ts";
import { WorkerList } from "./domain/worker-list.ts";
import { AdapterClients } from "./grpc/adapter-clients.ts";
import { Prober } from "./prober.ts";

const ENDPOINTS_MAX = 50_000;

const config = loadConfig(schema);

await runService({ name: "prober", config }, async (service) => {
  const { logger } = service;
  const bus = await connectBus({ url: config.NATS_URL, name: "prober", logger });
  service.use(bus, () => bus.close());
  const workers = new WorkerList();
  bus.subscribe(WorkerAnnouncementSchema, subjects.worker, (announcement) =>
    workers.hear(announcement, Date.now()),
  );
  const router = service.use(createClient(RouterService, config.ROUTER_ADDRESS), (client) =>
    client.close(),
  );
  const adapters = service.use(new AdapterClients(), (clients) => clients.close());
  const server = service.use(createRpcServer({ logger }), (it) => it.close());
  await server.listen(config.GRPC_HOST, config.GRPC_PORT);
  const schedule = new Schedule({
    intervalMs: config.PROBE_INTERVAL_MS,
    paidIntervalMs: config.PROBE_PAID_INTERVAL_MS,
    endpointsMax: ENDPOINTS_MAX,
    random: Math.random,
  });
  const prober = new Prober(
    { router, adapters, bus, workers, schedule, logger, now: Date.now },
    {
      idleMs: config.PROBE_IDLE_MS,
      concurrency: config.PROBE_CONCURRENCY,
      timeoutMs: config.PROBE_TIMEOUT_MS,
    },
  );
  service.readiness.report("bus", true);
  const rounds = (async () => {
    while (!service.signal.aborted) {
      await prober.runRound(service.signal);
      await delay(config.PROBE_ROUND_MS, undefined, { signal: service.signal }).catch(
        () => undefined,
      );
    }
  })();
  service.onDrain("probes", async () => {
    await rounds;
    await prober.settle();
  });
});
