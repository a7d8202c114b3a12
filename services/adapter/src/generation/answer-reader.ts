import type { FinishReason, TokenUsage } from "@fairlead/openai";
import type { ProviderFaultInfo } from "@fairlead/providers";

/** Turns the bytes of one upstream answer into the client's. Sync; one for each attempt. */
export interface AnswerReader {
  /** Text for the client, "" when the chunk yields none. */
  push(chunk: Buffer): string;
  /**
   * No more bytes will come: what is still held back, or a `fault`. `isBroken`: the connection
   * broke, so that the last bytes may be half of something.
   */
  end(isBroken: boolean): string;
  /** Once set, neither method returns text. */
  readonly fault: ProviderFaultInfo | undefined;
  /** The answer is complete though the upstream has not closed yet. */
  readonly isDone: boolean;
  /** A success that said nothing. Meaningful after `end`. */
  readonly isEmpty: boolean;
  readonly finishReason: FinishReason | undefined;
  readonly nativeFinishReason: string;
  readonly usage: TokenUsage | undefined;
  readonly upstreamId: string;
  readonly responseModel: string;
  /** UTF-16 length of the text produced. */
  readonly outputLength: number;
  /** Upstream events that brought text; 0 when the answer did not come in events. */
  readonly outputEvents: number;
}

/** Sizes past which an answer is a fault. */
export interface AnswerLimits {
  readonly jsonBytesMax: number;
  readonly errorBytesMax: number;
  readonly sseLineMax: number;
  readonly sseEventMax: number;
}

/** What a link can hold of one call, with room for its neighbours. */
export const defaultAnswerLimits: AnswerLimits = {
  jsonBytesMax: 24 * 1024 * 1024,
  errorBytesMax: 64 * 1024,
  sseLineMax: 16 * 1024 * 1024,
  sseEventMax: 16 * 1024 * 1024,
};
