import type { IncomingHttpHeaders } from "node:http";
import type { Answer, Unit } from "../answer/answer.ts";
import type { Usage } from "../answer/usage.ts";
import type { Refusal } from "./refusal.ts";

export type DialectName = "openai" | "anthropic" | "gemini";

export interface Tool {
  readonly name: string;
  readonly schema: unknown;
}

/** What the answer depends on, read from the native request. */
export interface SimulatedRequest {
  readonly model: string;
  readonly isStream: boolean;
  readonly maxTokens: number | undefined;
  /** UTF-16 code units of all text of the request: see `countPromptTokens`. */
  readonly promptCharacters: number;
  readonly lastUserText: string;
  readonly tools: readonly Tool[];
  /** A tool the request demands: a name, or true for any. */
  readonly forcedTool: string | true | undefined;
  /** Schema the answer has to satisfy; `{}` when any JSON will do. */
  readonly jsonSchema: unknown;
  /** OpenAI sends usage on a stream only when asked to. */
  readonly wantsStreamUsage: boolean;
}

/** Everything a dialect needs to write one response. */
export interface Exchange {
  readonly sequence: number;
  readonly request: SimulatedRequest;
  readonly answer: Answer;
  readonly usage: Usage;
  /** Unix seconds. */
  readonly created: number;
  readonly hasUsage: boolean;
}

/** One streamed response, event by event; each string is whole SSE frames. */
export interface StreamForm {
  /** Before the first content: the role chunk, `message_start`, or nothing. */
  open(): string;
  unit(unit: Unit): string;
  /** Finish reason and usage. */
  close(usage: Usage): string;
  /** What tells the client that the stream is whole: `[DONE]`, `message_stop`, or nothing. */
  end(): string;
  error(refusal: Refusal): string;
}

/** One provider's wire format: pure, no I/O. */
export interface Dialect {
  readonly name: DialectName;
  readKey(headers: IncomingHttpHeaders, query: string): string | undefined;
  /** Refuses what the provider refuses before it reads the body. */
  checkHeaders(headers: IncomingHttpHeaders): void;
  /** Throws Refusal. `path` is the decoded part of the URL that names model and method, if any. */
  readRequest(body: unknown, path: string, query: string): SimulatedRequest;
  writeAnswer(exchange: Exchange): string;
  createStream(exchange: Exchange): StreamForm;
  writeError(refusal: Refusal, sequence: number): string;
  writeModels(models: readonly string[]): string;
  /** Frames one recorded event. */
  writeRecorded(line: string): string;
  readonly recordedEnd: string;
  /** The provider's own request id header. */
  readonly requestIdHeader: string;
}
