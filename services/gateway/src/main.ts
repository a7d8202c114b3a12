import { connectBus } from "@fairlead/bus";
import { listen, loadConfig, runService } from "@fairlead/kit";
import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { createClient, createLink, watchAddresses } from "@fairlead/rpc";
import { gatewayConfig } from "./config.ts";
import { createGateway } from "./create-gateway.ts";
import { drainGateway } from "./drain-gateway.ts";
import { deliverByBus, deliverByLedger } from "./events/deliver-usage.ts";
import { UsageOutbox } from "./events/usage-outbox.ts";
import { UsageSpool } from "./events/usage-spool.ts";
import { defaultChatLimits } from "./http/chat-deps.ts";
import { observeGateway } from "./observe-gateway.ts";
import { createServer } from "./server.ts";
import { watchReadiness } from "./watch-readiness.ts";

/**
 * A ledger whose machine is lost sends no word: without pings its connection would last minutes,
 * and every call on it its whole timeout. Its calls are short and made again, so a ping that meets
 * a drain costs nothing.
 */
const ledgerChannel = {
  "grpc.keepalive_time_ms": 2_000,
  "grpc.keepalive_timeout_ms": 2_000,
  "grpc.keepalive_permit_without_calls": 1,
};

const config = loadConfig(gatewayConfig);

await runService({ name: "gateway", config }, async (service) => {
  const { logger, instance } = service;
  const openLink = (address: string) => createLink(address, { logger });
  const bus = await connectBus({ url: config.NATS_URL, name: instance, logger });
  service.use(bus, (it) => it.close());
  const ledger = createClient(LedgerService, config.LEDGER_ADDRESS, {
    channelOptions: ledgerChannel,
  });
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
  const parts = { gatewayId: instance, pepper, logger, limits, ledger, openLink };
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
  service.onDrain("requests", (signal) => drainGateway({ server, gateway, outbox }, signal));
});
