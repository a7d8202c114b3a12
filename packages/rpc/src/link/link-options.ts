import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import { messageBytesMax } from "../limits.ts";
import type { RpcLogger } from "../log.ts";

/** Limits of a link that both sides have. Each has a default that fits production. */
export interface LinkLimits {
  /** Bytes of one call's messages that may be on their way unread; 256 KiB. */
  readonly windowBytes?: number | undefined;
  /** Bytes waiting for the network on one stream before new sends fail; 32 MiB. */
  readonly queueBytesMax?: number | undefined;
  /** Largest message taken or sent; 32 MiB less what frames it. */
  readonly messageBytesMax?: number | undefined;
  /** How often each side pings; 1 s. */
  readonly pingIntervalMs?: number | undefined;
  /** Silence after which the peer is taken for dead; 3.5 s, found within 5. */
  readonly silenceMaxMs?: number | undefined;
}

export interface LinkOptions extends LinkLimits {
  readonly logger: RpcLogger;
  /** Plain text unless given: `credentials.createSsl(…)` for mTLS. */
  readonly credentials?: ChannelCredentials | undefined;
  readonly channelOptions?: ChannelOptions | undefined;
  /** How long an attempt to connect may take; 3 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Reconnects wait a random time up to this, doubled with each failure…; 50 ms */
  readonly backoffMinMs?: number | undefined;
  /** …up to this; 2 s. */
  readonly backoffMaxMs?: number | undefined;
}

export interface ServeLinkOptions extends LinkLimits {
  /** Open calls on one stream before new ones are refused; 10,000. */
  readonly callsMax?: number | undefined;
}

// Room for what a frame adds to its message within the largest gRPC message.
const frameOverheadBytes = 131_072;

/** What a call may send when OPEN names no window. */
export const windowBytesDefault = 262_144;

/** The limits with every default filled in. */
export type Limits = { readonly [K in keyof LinkLimits]-?: number };

export function resolveLimits(limits: LinkLimits): Limits {
  return {
    windowBytes: limits.windowBytes ?? windowBytesDefault,
    queueBytesMax: limits.queueBytesMax ?? 33_554_432,
    messageBytesMax: limits.messageBytesMax ?? messageBytesMax - frameOverheadBytes,
    pingIntervalMs: limits.pingIntervalMs ?? 1000,
    silenceMaxMs: limits.silenceMaxMs ?? 3500,
  };
}
