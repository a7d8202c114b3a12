import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import type { Logger } from "@fairlead/kit";
import type { NatsConnection, ServerInfo } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { Bus } from "./bus.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS = 250;
const PING_INTERVAL_MS = 2_000;
const PINGS_MISSED_MAX = 2;

export interface BusTls {
  readonly caFile: string;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface BusOptions {
  /** One or more nats:// or tls:// addresses, separated by commas. */
  readonly url: string;
  readonly name: string;
  readonly logger: Logger;
  readonly tls?: BusTls | undefined;
  /** How long to try before giving up at the start. After it, the connection is retried for ever. */
  readonly startTimeoutMs?: number;
}

/** Connects to NATS; throws `unavailable` with one sentence when no server answers in time. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const deadline = Date.now() + (options.startTimeoutMs ?? 30_000);
  for (;;) {
    try {
      return new Bus(await connectOnce(options), options.logger);
    } catch (error) {
      if (Date.now() + RETRY_MS >= deadline) {
        const address = options.url.replaceAll(/\/\/[^@/,]*@/g, "//***@");
        throw new AppError(
          "unavailable",
          `NATS does not answer at ${address}: start it there or set NATS_URL to where it is.`,
          { cause: error },
        );
      }
      await delay(RETRY_MS);
    }
  }
}

async function connectOnce({ url, name, tls }: BusOptions): Promise<NatsConnection> {
  const connection = await connect({
    servers: url.split(",").map((server) => server.trim()),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_MISSED_MAX,
    ignoreAuthErrorAbort: true,
    ...(tls && {
      tls: {
        // Names, not contents: they are read for each connection, so that new files count.
        caFile: tls.caFile,
        ...(tls.certFile && { certFile: tls.certFile }),
        ...(tls.keyFile && { keyFile: tls.keyFile }),
      },
    }),
  });
  // The client itself takes what the server offers.
  if (tls !== undefined && !hasTls(connection.info)) {
    await connection.close();
    throw new AppError("unavailable", "NATS_TLS_CA is set, but the server speaks no TLS.");
  }
  return connection;
}

function hasTls(info: ServerInfo | undefined): boolean {
  return info?.tls_required === true || info?.tls_available === true;
}
