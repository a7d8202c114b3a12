import { setTimeout as delay } from "node:timers/promises";
import { connectBus } from "@fairlead/bus";
import { loadCatalog } from "@fairlead/catalog";
import { grpcTls, loadConfig, natsTls, runService } from "@fairlead/kit";
import { openRpcSecurity } from "@fairlead/rpc";
import { routerConfig } from "./config.ts";
import { followCatalog } from "./events/follow-catalog.ts";
import { followHealth } from "./events/follow-health.ts";
import { followWorkers } from "./events/follow-workers.ts";
import { RouterState } from "./router-state.ts";
import { createRouterMetrics } from "./router-metrics.ts";
import { createServer } from "./server.ts";

/** Workers announce themselves every second: after this, all that live were heard. */
const announcementsMs = 1_200;

const config = loadConfig(routerConfig);

await runService({ name: "router", config }, async (service) => {
  const { logger, instance, readiness } = service;
  const state = new RouterState(loadCatalog(config.FAIRLEAD_CATALOG), Date.now, Math.random);
  const metrics = createRouterMetrics(state);
  readiness.report("catalog", true, `${state.catalog.endpoints.size} endpoints`);
  const security = openRpcSecurity(grpcTls(config), { logger });
  service.use(security, (it) => it.close());
  const tls = natsTls(config);
  const bus = await connectBus({ url: config.NATS_URL, tls, name: instance, logger });
  service.use(bus, () => bus.close());
  await bus.ensureStreams(config.NATS_REPLICAS);
  const feeds = [
    followHealth(bus, state),
    followWorkers(bus, state),
    followCatalog(config.FAIRLEAD_CATALOG, { bus, state, metrics, logger }),
  ];
  for (const feed of feeds) {
    service.use(feed, () => feed.close());
  }
  const server = createServer({ ...security.server, state, metrics, logger });
  service.use(server, () => server.close());
  // A plan made before the workers were heard would say that nobody serves the model.
  await delay(announcementsMs, undefined, { signal: service.signal });
  await server.listen(config.GRPC_HOST, config.GRPC_PORT);
  readiness.report("workers", true);
  service.onDrain("calls", (signal) => server.drain(signal));
});
