import type { Logger } from "@fairlead/kit";
import type { LeaseBook } from "../domain/lease-book.ts";
import type { RateLimiter } from "../domain/rate-limiter.ts";
import type { UsageOutbox } from "../events/usage-outbox.ts";
import type { Generator } from "../grpc/generate.ts";
import { PATIENCE_MS } from "../grpc/insist.ts";
import type { Planner } from "../grpc/planner.ts";
import type { Authenticator } from "./authenticator.ts";
import type { ChatTelemetry } from "./chat-telemetry.ts";

export interface ChatLimits {
  readonly bodyBytesMax: number;
  /** A request of a kind that no router has planned waits for a router so long. */
  readonly planPatienceMs: number;
  /** A stream without content for so long gets a comment, and another each time it passes. */
  readonly keepAliveMs: number;
  /** A whole request, all attempts and the answer included. */
  readonly requestTimeoutMs: number;
  /**
   * How long a worker has to say what an abandoned generation used: longer than it waits itself for
   * an answer in one piece.
   */
  readonly abortGraceMs: number;
  /** A client that does not read for so long is dropped. */
  readonly slowClientMs: number;
}

export const defaultChatLimits: ChatLimits = {
  bodyBytesMax: 10 * 1_048_576,
  planPatienceMs: PATIENCE_MS,
  keepAliveMs: 10_000,
  requestTimeoutMs: 900_000,
  abortGraceMs: 2_500,
  slowClientMs: 30_000,
};

/** What serving a chat completion takes. */
export interface ChatDeps {
  readonly authenticator: Authenticator;
  readonly rates: RateLimiter;
  readonly planner: Planner;
  readonly leases: LeaseBook;
  readonly generator: Generator;
  readonly outbox: UsageOutbox;
  readonly telemetry: ChatTelemetry;
  readonly logger: Logger;
  readonly limits: ChatLimits;
  readonly createId: (unixMs: number) => string;
  /** Monotonic milliseconds, for whatever lasts. */
  readonly now: () => number;
  /** Unix milliseconds, for what is written down; they may jump. */
  readonly unixNow: () => number;
}
