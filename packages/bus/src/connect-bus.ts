import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@fairlead/errors";
import { explainCertificate, type Logger } from "@fairlead/kit";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { Bus } from "./bus.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS = 250;
const PING_INTERVAL_MS = 2_000;
const PINGS_MISSED_MAX = 2;
/** In the client's words. */
const NO_TLS = "server does not support 'tls'";

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
  /**
   * How long to try before giving up at the start. After it, the connection is retried for ever.
   */
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
        throw new AppError("unavailable", explainFailure(error, options.url), { cause: error });
      }
      await delay(RETRY_MS);
    }
  }
}

async function connectOnce({ url, name, tls }: BusOptions): Promise<NatsConnection> {
  return await connect({
    servers: url.split(",").map((server) => server.trim()),
    name,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_MISSED_MAX,
    ignoreAuthErrorAbort: true,
    ...(tls && {
      // With this the client breaks off, the first time and each time after, before it has said
      // anything to a server that offers no TLS.
      tls: {
        // Names, not contents: they are read for each connection, so that new files count.
        caFile: tls.caFile,
        ...(tls.certFile && { certFile: tls.certFile }),
        ...(tls.keyFile && { keyFile: tls.keyFile }),
      },
    }),
  });
}

function explainFailure(error: unknown, url: string): string {
  const address = url.replaceAll(/\/\/[^@/,]*@/g, "//***@");
  const fault = explainCertificate(error);
  if (fault !== undefined) {
    return `NATS_TLS_CA does not vouch for the certificate of NATS at ${address} (${fault}): set it to the CA that signed it, or correct the certificate.`;
  }
  if (error instanceof Error && error.message === NO_TLS) {
    return `NATS_TLS_CA is set, but NATS at ${address} speaks no TLS: give the server a certificate, or unset NATS_TLS_CA.`;
  }
  return `NATS does not answer at ${address}: start it there or set NATS_URL to where it is.`;
}
