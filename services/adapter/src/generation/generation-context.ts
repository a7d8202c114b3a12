import type { AppError } from "@fairlead/errors";
import type { TransientMap } from "@fairlead/kit";
import type { ProviderBinding } from "../bindings/provider-binding.ts";
import type { RateLimitMemory } from "../domain/rate-limit-memory.ts";
import type { DeadlineSweeper } from "../upstream/deadline-sweeper.ts";
import type { FlushQueue } from "../upstream/flush-queue.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { AnswerLimits } from "./answer-reader.ts";
import type { AttemptReport } from "./attempt-report.ts";
import type { BillBook } from "./bill-book.ts";

/** An attempt that has not ended, as those see it who did not make it. */
export interface OpenGeneration {
  readonly id: string;
  /** Upstream events so far that brought text. */
  readonly outputEvents: number;
  /**
   * The client went away: the provider stops, and the gateway gets the usage so far. An answer in
   * one piece is charged whole, heard or not: it may still come for a moment, to be billed as it
   * is.
   */
  abort(): void;
  /** Ends the call without a bill of ours: the gateway goes on without it, or bills what it has. */
  drop(reason: AppError): void;
}

/** What every generation of a worker shares. */
export interface GenerationContext {
  readonly upstream: Upstream;
  readonly sweeper: DeadlineSweeper;
  readonly flushQueue: FlushQueue;
  readonly rateLimits: RateLimitMemory;
  readonly bills: BillBook;
  readonly limits: AnswerLimits;
  /** How long an answer in one piece may still take when its client is gone. */
  readonly abandonedMs: number;
  /** Attempts that have not ended, by request id. */
  readonly open: TransientMap<string, OpenGeneration>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Called once for each attempt that reached for the provider. Must not throw. */
  readonly report: (report: AttemptReport) => void;
  /** For faults of our own: the error goes to the log, not to the client. */
  readonly warn: (error: unknown, binding: ProviderBinding) => void;
}
