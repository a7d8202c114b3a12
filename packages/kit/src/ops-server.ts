import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "@fairlead/errors";
import type { Readiness } from "./readiness.ts";
import type { Telemetry } from "./telemetry.ts";

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /livez, /readyz and /metrics. Liveness says only that the event loop turns: a dependency
 * that is down must not get the process killed.
 */
export async function startOpsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  readonly telemetry: Telemetry;
}): Promise<OpsServer> {
  const { readiness, telemetry } = options;
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (path === "/metrics") {
      telemetry.serveMetrics(request, response);
      return;
    }
    const isProbe = path === "/livez" || path === "/readyz";
    const status = isProbe ? (path === "/livez" || readiness.isReady ? 200 : 503) : 404;
    const answer =
      path === "/readyz" ? readiness.describe() : { status: isProbe ? "alive" : "not found" };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(answer)}\n`);
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  await listen(server, options.host, options.port, "OPS_PORT");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeServer(server),
  };
}

/** Listens, or fails with one sentence that names the setting to change. */
export async function listen(
  server: Server,
  host: string,
  port: number,
  setting: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE"
          ? "is taken by another process"
          : `cannot be used (${error.code})`;
      reject(
        new AppError(
          "unavailable",
          `Port ${port} on ${host} ${reason}: set ${setting} to a free one.`,
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(port, host, () => resolve());
  });
}

/** Stops accepting, ends idle connections, waits for the busy ones. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
