import { AppError } from "@fairlead/errors";
import { type ChannelOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { messageBytesMax } from "../limits.ts";
import type { RpcLogger } from "../log.ts";

export interface RpcServerOptions {
  readonly logger: RpcLogger;
  /** Plain text unless given: `ServerCredentials.createSsl(…)` for mTLS. */
  readonly credentials?: ServerCredentials | undefined;
  /** Largest message taken or sent; 32 MiB unless given. */
  readonly messageBytesMax?: number | undefined;
  /** Further grpc-js options. */
  readonly channelOptions?: ChannelOptions | undefined;
}

export interface RpcServer {
  readonly grpc: Server;
  readonly logger: RpcLogger;
  /** Binds, reports SERVING, and returns the port (the one chosen, when 0 was asked for). */
  listen(host: string, port: number): Promise<number>;
  /**
   * Reports NOT_SERVING, tells the links, takes no new calls and waits for the open ones. When
   * `signal` aborts, what is left is cut.
   */
  drain(signal: AbortSignal): Promise<void>;
  /** Cuts everything at once. */
  close(): void;
  /** Has `listener` called when the server begins to drain. */
  onDrain(listener: () => void): void;
}

/** A grpc-js server with the standard health service, for `addService` and `serveLink`. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { logger } = options;
  const grpc = new Server(serverOptions(options));
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  health.addToServer(grpc);
  const drainListeners: (() => void)[] = [];
  return {
    grpc,
    logger,
    async listen(host, port) {
      const bound = await bind(grpc, `${formatHost(host)}:${port}`, options.credentials);
      health.setStatus("", "SERVING");
      return bound;
    },
    async drain(signal) {
      health.setStatus("", "NOT_SERVING");
      for (const listener of drainListeners) {
        listener();
      }
      await shutDown(grpc, signal, logger);
    },
    close() {
      grpc.forceShutdown();
    },
    onDrain(listener) {
      drainListeners.push(listener);
    },
  };
}

function serverOptions(options: RpcServerOptions): ChannelOptions {
  const bytesMax = options.messageBytesMax ?? messageBytesMax;
  return {
    "grpc.max_receive_message_length": bytesMax,
    "grpc.max_send_message_length": bytesMax,
    // No HTTP/2 keepalive: a ping behind a GOAWAY fails and cuts the calls that a drain waits for
    // (grpc-node #3068; the same happens on the server's side). Links ping for themselves, and TCP
    // drops a dead peer's connection.
    ...options.channelOptions,
  };
}

function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function bind(
  grpc: Server,
  address: string,
  credentials = ServerCredentials.createInsecure(),
): Promise<number> {
  return new Promise((resolve, reject) => {
    grpc.bindAsync(address, credentials, (cause, port) => {
      if (cause === null) {
        resolve(port);
      } else {
        reject(new AppError("unavailable", `Cannot listen on ${address}.`, { cause }));
      }
    });
  });
}

/** `tryShutdown` may wait for ever on a client that holds its stream, hence the signal. */
function shutDown(grpc: Server, signal: AbortSignal, logger: RpcLogger): Promise<void> {
  return new Promise((resolve) => {
    const force = (): void => {
      logger.warn({}, "calls were still open at the end of the drain and were cut");
      grpc.forceShutdown();
      resolve();
    };
    if (signal.aborted) {
      force();
      return;
    }
    signal.addEventListener("abort", force, { once: true });
    grpc.tryShutdown(() => {
      signal.removeEventListener("abort", force);
      resolve();
    });
  });
}
