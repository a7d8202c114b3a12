import type { AppError } from "@fairlead/errors";
import type { ChunkIdentity } from "@fairlead/openai";

/** What the client is told at the end, beside the worker's own bytes. */
export interface AnswerEnd {
  readonly identity: ChunkIdentity;
  /** The `usage` object as JSON text. */
  readonly usage: string;
  /** Members after it, each with a comma before it. */
  readonly members: string;
}

/** One answer on its way to the client, streamed or whole. */
export interface Answer {
  /** Whether anything was sent: from then on errors go in-band. */
  readonly isCommitted: boolean;
  /** Bytes that the worker produced so far. */
  readonly deliveredBytes: number;
  /** The request was admitted; nothing is known of its answer yet. */
  keepWaiting(): void;
  start(): void;
  /** False when the client reads too slowly and the worker is to pause. */
  output(bytes: Uint8Array): boolean;
  end(end: AnswerEnd): void;
  /** `members`: beside the error, each with a comma before it. */
  fail(error: AppError, identity: ChunkIdentity, members: string): void;
  /** Stops timers; the client is gone. */
  abandon(): void;
}
