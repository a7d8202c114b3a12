import { connectBus } from "@fairlead/bus";
import { formatFault, loadCatalog, watchCatalog } from "@fairlead/catalog";
import { grpcTls, loadConfig, natsTls, runService } from "@fairlead/kit";
import { resolveProvider } from "@fairlead/providers";
import { openRpcSecurity } from "@fairlead/rpc";
import { adapterConfig, providerEnvironment } from "./config.ts";
import { Announcer } from "./events/announcer.ts";
import { findAddress } from "./events/find-address.ts";
import { createServer } from "./server.ts";
import { createWorker } from "./worker.ts";

const config = loadConfig(adapterConfig);

await runService({ name: "adapter", config }, async (service) => {
  const { logger, instance, readiness } = service;
  const security = openRpcSecurity(grpcTls(config), { logger });
  service.use(security, (it) => it.close());
  const tls = natsTls(config);
  const bus = await connectBus({ url: config.NATS_URL, tls, name: instance, logger });
  service.use(bus, () => bus.close());
  let announcer: Announcer | undefined;
  const worker = createWorker({
    config,
    environment: providerEnvironment,
    bus,
    logger,
    instance,
    catalog: loadCatalog(config.FAIRLEAD_CATALOG),
    findTranslation: ({ slug, dialect }) => resolveProvider(slug, dialect),
    onProvidersChange: () => announcer?.announce(),
  });
  service.use(worker, () => worker.close());
  const watch = watchCatalog(
    config.FAIRLEAD_CATALOG,
    (catalog) => worker.useCatalog(catalog),
    (faults) => logger.error({ faults: faults.map(formatFault) }, "catalog change refused"),
  );
  service.use(watch, () => watch.close());
  const capacity = config.ADAPTER_CAPACITY;
  const server = createServer({ logger, ...security.server }, { ...worker, capacity });
  service.use(server, () => server.close());
  const port = await server.listen(config.GRPC_HOST, config.GRPC_PORT);
  announcer = new Announcer({
    bus,
    worker: instance,
    pool: config.ADAPTER_POOL,
    address: config.ADVERTISED_ADDRESS ?? findAddress(config.GRPC_HOST, port),
    capacity,
    providers: () => worker.bindings.slugs,
    inFlight: () => worker.context.open.size,
    onAnnounce: (providers) =>
      readiness.report("providers", providers.length > 0, `${providers.length} with credentials`),
  });
  service.use(announcer, (it) => it.close());
  announcer.start();
  // Before DRAIN_DELAY_MS: gateways and routers choose others while this one still serves.
  service.signal.addEventListener("abort", () => announcer.drain());
  service.onDrain("calls", async (signal) => {
    await server.drain(signal);
    await worker.settle();
  });
});
