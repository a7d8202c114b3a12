import { connectBus } from "@fairlead/bus";
import { grpcTls, listen, loadConfig, natsTls, runService } from "@fairlead/kit";
import { createLink, openRpcSecurity, watchAddresses } from "@fairlead/rpc";
import { gatewayConfig } from "./config.ts";
import { createGateway } from "./create-gateway.ts";
import { chooseKeepIdleMs, drainGateway } from "./drain-gateway.ts";
import { deliverByBus, deliverByLedger } from "./events/deliver-usage.ts";
import { UsageOutbox } from "./events/usage-outbox.ts";
import { UsageSpool } from "./events/usage-spool.ts";
import { connectLedger } from "./grpc/connect-ledger.ts";
import { defaultChatLimits } from "./http/chat-deps.ts";
import { observeGateway } from "./observe-gateway.ts";
import { createServer } from "./server.ts";
import { watchReadiness } from "./watch-readiness.ts";

const config = loadConfig(gatewayConfig);

await runService({ name: "gateway", config }, async (service) => {
  const { logger, instance } = service;
  const security = openRpcSecurity(grpcTls(config), { logger });
  service.use(security, (it) => it.close());
  const link = (service: "adapter" | "router") => (address: string) =>
    createLink(address, { logger, ...security.client(service) });
  const tls = natsTls(config);
  const bus = await connectBus({ url: config.NATS_URL, tls, name: instance, logger });
  service.use(bus, (it) => it.close());
  const ledger = connectLedger(config.LEDGER_ADDRESS, security.client("ledger"));
  service.use(ledger, (it) => it.close());
  const spool = await UsageSpool.open({
    folder: config.SPOOL_DIR,
    bytesMax: config.SPOOL_BYTES_MAX,
  });
  const ways = [deliverByBus(bus, instance), deliverByLedger(ledger)];
  const outbox = new UsageOutbox({ source: instance, ways, spool, logger });
  outbox.start();
  service.use(outbox, (it) => it.close());
  const limits = {
    ...defaultChatLimits,
    bodyBytesMax: config.BODY_BYTES_MAX,
    keepAliveMs: config.KEEP_ALIVE_COMMENT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    slowClientMs: config.SLOW_CLIENT_MS,
  };
  const pepper = config.KEY_PEPPER;
  const parts = { gatewayId: instance, pepper, logger, limits, ledger, link };
  const gateway = service.use(createGateway({ ...parts, outbox, bus }), (it) => it.close());
  const routers = watchAddresses(config.ROUTER_ADDRESS, {
    logger,
    onChange: (addresses) => gateway.routers.update(addresses),
  });
  service.use(routers, (watch) => watch.close());
  observeGateway({ ...gateway, outbox, spool });
  service.use(watchReadiness(service.readiness, gateway, ledger), (stop) => stop());
  const { chat, routes } = gateway;
  const server = createServer({ chat, routes, logger, readiness: () => service.readiness });
  await listen(server, config.HOST, config.PORT, "PORT");
  const keepIdleMs = chooseKeepIdleMs(config.DRAIN_TIMEOUT_MS);
  service.onDrain("requests", (signal) =>
    drainGateway({ server, gateway, outbox, keepIdleMs }, signal),
  );
});
