import type { DescMessage, DescMethod, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { decode, encode } from "@fairlead/proto/wire";
import { AppError } from "@fairlead/errors";
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials as channelCredentials,
  Metadata,
} from "@grpc/grpc-js";
import type { CallOptions, RpcClient } from "../client-types.ts";
import { cancelledError, messageBytesMax, receiveWindowBytes } from "../limits.ts";
import { isSupported, methodPath } from "../method.ts";
import { pass } from "./service-definition.ts";
import { fromGrpcError } from "./status.ts";
import { traceparentKey } from "../trace.ts";

type AnyMessage = MessageInitShape<DescMessage>;

export interface ClientOptions {
  /** Plain text unless given: `credentials.createSsl(…)` for mTLS. */
  readonly credentials?: ChannelCredentials | undefined;
  /** Largest message taken or sent; 32 MiB unless given. */
  readonly messageBytesMax?: number | undefined;
  /** Further grpc-js options. */
  readonly channelOptions?: ChannelOptions | undefined;
}

/** A typed client of `service` on its own channel, balanced over the addresses of the name. */
export function createClient<S extends DescService>(
  service: S,
  address: string,
  options: ClientOptions = {},
): RpcClient<S> {
  const channel = new Client(
    address,
    options.credentials ?? channelCredentials.createInsecure(),
    toChannelOptions(options),
  );
  const methods = service.methods
    .filter(isSupported)
    .map((method) => [
      method.localName,
      method.methodKind === "unary" ? unaryMethod(channel, method) : streamMethod(channel, method),
    ]);
  return Object.assign(Object.fromEntries(methods), {
    close: () => channel.close(),
  }) as RpcClient<S>;
}

export function toChannelOptions(options: ClientOptions): ChannelOptions {
  const bytesMax = options.messageBytesMax ?? messageBytesMax;
  return {
    "grpc.max_receive_message_length": bytesMax,
    "grpc.max_send_message_length": bytesMax,
    "grpc-node.flow_control_window": receiveWindowBytes,
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // A peer that restarts is back in a second or two; the default waits up to two minutes.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 3000,
    // Pods that are replaced have new addresses; the default asks for them every 30 s.
    "grpc.dns_min_time_between_resolutions_ms": 2000,
    ...options.channelOptions,
  };
}

function unaryMethod(channel: Client, method: DescMethod) {
  const path = methodPath(method);
  return async (request: object, options: CallOptions): Promise<unknown> => {
    const bytes = encodeRequest(method, request);
    const reply = await new Promise<Buffer>((resolve, reject) => {
      if (options.signal?.aborted) {
        reject(cancelledError());
        return;
      }
      const cancel = (): void => call.cancel();
      const call = channel.makeUnaryRequest(
        path,
        pass,
        pass,
        bytes,
        toMetadata(options),
        { deadline: Date.now() + options.timeoutMs },
        (error, reply) => {
          options.signal?.removeEventListener("abort", cancel);
          if (reply === undefined) {
            reject(toCallError(error, options.signal));
          } else {
            resolve(reply);
          }
        },
      );
      options.signal?.addEventListener("abort", cancel, { once: true });
    });
    return decodeReply(method, reply);
  };
}

function streamMethod(channel: Client, method: DescMethod) {
  const path = methodPath(method);
  return async function* (request: object, options: CallOptions): AsyncGenerator<unknown> {
    if (options.signal?.aborted) {
      throw cancelledError();
    }
    const call = channel.makeServerStreamRequest(
      path,
      pass,
      pass,
      encodeRequest(method, request),
      toMetadata(options),
      { deadline: Date.now() + options.timeoutMs },
    );
    const cancel = (): void => call.cancel();
    options.signal?.addEventListener("abort", cancel, { once: true });
    try {
      for await (const reply of call) {
        yield decodeReply(method, reply as Buffer);
      }
    } catch (error) {
      throw toCallError(error, options.signal);
    } finally {
      options.signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  };
}

function toMetadata(options: CallOptions): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) {
    metadata.set(key, value);
  }
  if (options.traceparent !== undefined) {
    metadata.set(traceparentKey, options.traceparent);
  }
  return metadata;
}

/** A cancellation that nobody asked for is a peer that went away in the middle of the call. */
function toCallError(error: unknown, signal: AbortSignal | undefined): AppError {
  const known = fromGrpcError(error);
  const isOurs = known.cause === undefined;
  if (known.code === "cancelled" && !isOurs && signal?.aborted !== true) {
    return new AppError("unavailable", "The service ended the call; try again.", { cause: error });
  }
  return known;
}

export function encodeRequest(method: DescMethod, request: object): Buffer {
  try {
    return encode(method.input, request as AnyMessage);
  } catch (cause) {
    throw new AppError("internal", "Internal error.", { cause });
  }
}

export function decodeReply(method: DescMethod, bytes: Uint8Array): unknown {
  try {
    return decode(method.output, bytes);
  } catch (cause) {
    throw new AppError("internal", "Internal error.", { cause });
  }
}
