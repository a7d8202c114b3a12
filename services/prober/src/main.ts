import { connectBus, subjects } from "@fairlead/bus";
import { grpcTls, loadConfig, natsTls, runService } from "@fairlead/kit";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { createRpcServer, openRpcSecurity, watchAddresses } from "@fairlead/rpc";
import { config as schema } from "./config.ts";
import { ProberPeers } from "./domain/prober-peers.ts";
import { Schedule } from "./domain/schedule.ts";
import { WorkerList } from "./domain/worker-list.ts";
import { announceProber } from "./events/announce-prober.ts";
import { followProbes } from "./events/follow-probes.ts";
import { AdapterClients } from "./grpc/adapter-clients.ts";
import { RouterClients } from "./grpc/router-clients.ts";
import { Prober } from "./prober.ts";

const ENDPOINTS_MAX = 50_000;

const config = loadConfig(schema);

await runService({ name: "prober", config }, async (service) => {
  const { logger, instance } = service;
  const security = openRpcSecurity(grpcTls(config), { logger });
  service.use(security, (it) => it.close());
  const tls = natsTls(config);
  const bus = await connectBus({ url: config.NATS_URL, tls, name: instance, logger });
  service.use(bus, () => bus.close());
  const workers = new WorkerList();
  bus.subscribe(WorkerAnnouncementSchema, subjects.worker, (announcement) =>
    workers.hear(announcement, Date.now()),
  );
  const router = service.use(new RouterClients(security.client("router")), (clients) =>
    clients.close(),
  );
  const routers = watchAddresses(config.ROUTER_ADDRESS, {
    logger,
    onChange: (addresses) => router.update(addresses),
  });
  service.use(routers, (watch) => watch.close());
  const adapters = service.use(new AdapterClients(security.client("adapter")), (clients) =>
    clients.close(),
  );
  const server = service.use(createRpcServer({ logger, ...security.server }), (it) => it.close());
  await server.listen(config.GRPC_HOST, config.GRPC_PORT);
  const schedule = new Schedule({
    intervalMs: config.PROBE_INTERVAL_MS,
    paidIntervalMs: config.PROBE_PAID_INTERVAL_MS,
    endpointsMax: ENDPOINTS_MAX,
    random: Math.random,
  });
  const history = { prober: instance, schedule, historyMs: config.PROBE_PAID_INTERVAL_MS };
  service.use(followProbes(bus, history), (it) => it.close());
  const peers = new ProberPeers(instance);
  const announcer = service.use(announceProber(bus, instance, peers), (it) => it.leave());
  const prober = new Prober(
    { router, adapters, bus, workers, peers, schedule, logger, now: Date.now },
    {
      name: instance,
      idleMs: config.PROBE_IDLE_MS,
      concurrency: config.PROBE_CONCURRENCY,
      timeoutMs: config.PROBE_TIMEOUT_MS,
    },
  );
  service.readiness.report("bus", true);
  const rounds = prober.run(config.PROBE_ROUND_MS, service.signal).then(() => announcer.leave());
  service.onDrain("probes", () => rounds);
});
