import { grpcTls, loadConfig, natsTls, runService } from "@fairlead/kit";
import { openRpcSecurity } from "@fairlead/rpc";
import { metrics, trace } from "@opentelemetry/api";
import { ledgerConfig } from "./config.ts";
import { BusDuties } from "./events/bus-duties.ts";
import { LeaseRecaller } from "./events/lease-recaller.ts";
import { LeaseSweeper } from "./events/lease-sweeper.ts";
import { createUsageMetrics } from "./events/usage-metrics.ts";
import { UsagePoster } from "./events/usage-poster.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { watchBooks } from "./events/watch-books.ts";
import { createServer } from "./server.ts";
import { createStores } from "./store/create-stores.ts";
import { watchDependencies } from "./watch-dependencies.ts";

const config = loadConfig(ledgerConfig);
const now = Date.now;

await runService({ name: "ledger", config }, async ({ logger, readiness, signal, ...service }) => {
  const security = openRpcSecurity(grpcTls(config), { logger });
  service.use(security, (it) => it.close());
  const opened = await prepareDatabase({ config, logger, signal, readiness });
  const pool = service.use(opened, (it) => it.end());
  const stores = createStores(pool, now);

  const meter = metrics.getMeter("fairlead.ledger");
  const tracer = trace.getTracer("fairlead.ledger");
  const usageMetrics = createUsageMetrics(meter);
  const poster = new UsagePoster({ store: stores.usage, tracer, metrics: usageMetrics, logger });

  service.use(watchBooks({ reader: stores.books, meter, logger, now }), (stop) => stop());

  const { NATS_URL: url, NATS_REPLICAS: replicas } = config;
  const duties = new BusDuties({
    url,
    tls: natsTls(config),
    replicas,
    retention: {
      maxBytes: config.USAGE_STREAM_MAX_BYTES,
      maxAgeDays: config.USAGE_STREAM_MAX_AGE_DAYS,
    },
    pool,
    poster,
    store: stores.usage,
    logger,
    signal,
  });
  const bus = service.use(duties, (it) => it.close());
  const { leases } = stores;
  const periods = { graceMs: config.LEASE_GRACE_MS, releaseMs: config.SUSPENSE_RELEASE_MS };
  service.use(new LeaseSweeper({ leases, logger, meter, now, ...periods }), (it) => it.close());
  const recaller = new LeaseRecaller({ pool, logger, now, onRecall: () => bus.wakeRelay() });

  const server = createServer({
    ...security.server,
    ...stores,
    logger,
    now,
    poster,
    keyPepper: config.KEY_PEPPER,
    limits: { maxNano: config.LEASE_MAX_NANO, strictBelowNano: config.STRICT_BELOW_NANO },
    leaseTtlMs: config.LEASE_TTL_MS,
    recallLeases: (accountId) => recaller.recall(accountId),
    onKeyChange: () => bus.wakeRelay(),
    onGap: () => usageMetrics.count({ gaps: 1 }),
  });
  service.use(server, (it) => it.close());
  service.use(watchDependencies(readiness, { pool, bus }), (stop) => stop());
  await server.listen(config.GRPC_HOST, config.GRPC_PORT);
  service.onDrain("usage", () => bus.stopConsuming());
  service.onDrain("grpc", (drainSignal) => server.drain(drainSignal));
});
