import { AppError } from "@fairlead/errors";
import { LinkService } from "@fairlead/proto/link/v1/link";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { toChannelOptions } from "../grpc/client.ts";
import { pass } from "../grpc/service-definition.ts";
import { fromGrpcError } from "../grpc/status.ts";
import { methodPath } from "../method.ts";
import { ClientConnection } from "./client-connection.ts";
import { grpcTransport } from "./grpc-transport.ts";
import { type LinkOptions, resolveLimits } from "./link-options.ts";
import type { LinkStats } from "./link-stats.ts";

export interface AttemptEvents {
  readonly onReady: () => void;
  readonly onDraining: () => void;
  /** Once; with whether it had been ready. */
  readonly onClosed: (reason: AppError) => void;
}

const connectTimeoutMsDefault = 3000;
const path = methodPath(LinkService.method.connect);

/**
 * Opens one stream on a channel of its own: a channel that is shared would put the replacement of
 * a draining stream on the connection to the process that drains.
 */
export function openStream(
  address: string,
  options: LinkOptions,
  stats: LinkStats,
  events: AttemptEvents,
): ClientConnection {
  const channel = new Client(
    address,
    options.credentials ?? credentials.createInsecure(),
    linkChannelOptions(options),
  );
  const stream = channel.makeBidiStreamRequest(path, pass, pass, new Metadata(), {});
  const transport = grpcTransport(stream, () => stream.cancel());
  const connection = new ClientConnection(transport, {
    limits: resolveLimits(options),
    stats,
    logger: options.logger,
    onDraining: events.onDraining,
    onClosed: (reason) => {
      clearTimeout(timer);
      channel.close();
      events.onClosed(reason);
    },
  });
  const timer = setTimeout(
    () => connection.channel.fail(new AppError("unavailable", "The service cannot be reached.")),
    options.connectTimeoutMs ?? connectTimeoutMsDefault,
  );
  stream.on("metadata", () => {
    clearTimeout(timer);
    events.onReady();
  });
  stream.on("data", (batch: Buffer) => connection.channel.receive(batch));
  stream.on("error", (error) => connection.channel.closed(toUnavailable(error)));
  stream.on("end", () => connection.channel.closed(endedError()));
  return connection;
}

function linkChannelOptions(options: LinkOptions) {
  return {
    ...toChannelOptions(options),
    "grpc.use_local_subchannel_pool": 1,
    // Batches would be kept in memory for a retry that a stream never gets.
    "grpc.enable_retries": 0,
    // One stream, one connection: spread the callers over a name's addresses by chance.
    "grpc.service_config": JSON.stringify({
      loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }],
    }),
    ...options.channelOptions,
  };
}

/** Whatever broke the stream, its calls were cut off and may be made again elsewhere. */
function toUnavailable(error: unknown): AppError {
  return new AppError("unavailable", "The connection to the service broke; try again.", {
    cause: fromGrpcError(error).cause ?? error,
  });
}

function endedError(): AppError {
  return new AppError("unavailable", "The service ended the connection; try again.");
}
