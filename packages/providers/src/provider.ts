import type { ErrorCode } from "@fairlead/errors";
import type { ChatCompletion, ChatRequest, FinishReason, TokenUsage } from "@fairlead/openai";

/** Wire dialects that upstream providers speak. */
export type Dialect = "openai" | "anthropic" | "gemini";

/**
 * Pure translation between the canonical form and one provider's dialect: no I/O, no clock, no
 * randomness. The adapter owns sockets, timeouts, credentials and SSE framing.
 */
export interface Provider {
  readonly dialect: Dialect;
  /**
   * The vendor's public API, without a trailing slash; undefined when the operator must name it.
   */
  readonly baseUrl: string | undefined;
  /** Static headers of every call: authentication and version. Computed once per credential. */
  headers(credential: string | undefined): Readonly<Record<string, string>>;
  /**
   * Throws `AppError` invalid_request with `param` for what the dialect cannot express at all;
   * another endpoint may take it. What can be left out is left out and named in
   * `droppedParameters`.
   */
  request(chat: ChatRequest, target: Target): ProviderRequest;
  /** The body of a 2xx JSON answer. Never throws: what cannot be read is a fault. */
  response(body: string, target: Target): TranslatedResponse;
  /** A new state machine for one streamed answer. */
  stream(target: Target): StreamTranslator;
  /** A non-2xx answer; header names in lower case. `body` may be cut off at some kilobytes. */
  error(
    httpStatus: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    body: string,
  ): ProviderFaultInfo;
  probe(target: Target): ProbePlan;
}

/** Which endpoint is called, and how its answer is to be named to the client. */
export interface Target {
  /** Slug, such as `deepinfra`. */
  readonly provider: string;
  /** Display name, the `provider` of the answer. */
  readonly providerName: string;
  /** Public model id, the `model` of the answer. */
  readonly publicModel: string;
  /** The provider's own name of the model. */
  readonly upstreamModel: string;
  /** `gen-…`, the `id` of the answer. */
  readonly generationId: string;
  /** Unix seconds, the `created` of the answer. */
  readonly created: number;
  readonly isStream: boolean;
  /** Replaces the body's limit when > 0: what the balance affords or the endpoint takes. */
  readonly maxTokens?: number;
  /** Largest answer that the endpoint takes; 0 or absent = unknown. */
  readonly maxCompletionTokens?: number;
  /** Parameters that this endpoint cannot take: left out and reported. */
  readonly unsupportedParameters?: readonly string[];
  /** Whether the model reasons, when the catalog knows. */
  readonly isReasoning?: boolean;
  /** The client wants no reasoning text: `excludesReasoning(chat)`. */
  readonly isReasoningExcluded?: boolean;
}

export interface ProviderRequest {
  readonly method: "POST";
  /** Appended to the base URL; begins with a slash, query included. */
  readonly path: string;
  /** Beyond `Provider.headers`: content-type, beta flags. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Request parameters that were left out, by their public names. */
  readonly droppedParameters: readonly string[];
}

/** What a provider did wrong; field names are those of `fairlead.adapter.v1.ProviderFault`. */
export interface ProviderFaultInfo {
  readonly code: ErrorCode;
  /** Safe to show: the provider's words where they concern the request, else ours. */
  readonly message: string;
  /** 0 when no HTTP answer came. */
  readonly httpStatus: number;
  /** "" when the provider named none. */
  readonly providerCode: string;
  /** 0 when the provider named none. */
  readonly retryAfterMs: number;
  /** Whether another endpoint may be tried. */
  readonly isRetryable: boolean;
  /** Whether the attempt counts against the endpoint's health. */
  readonly isEndpointFault: boolean;
  /** The request's field at fault, "" when the provider named none. */
  readonly param: string;
}

export type TranslatedResponse =
  | TranslatedAnswer
  | { readonly fault: ProviderFaultInfo; readonly completion?: undefined };

export interface TranslatedAnswer {
  readonly fault?: undefined;
  readonly completion: ChatCompletion;
  readonly finishReason: FinishReason;
  /** "" when the provider gave none. */
  readonly nativeFinishReason: string;
  /** Undefined when the provider sent none: the caller counts or estimates, knowingly. */
  readonly usage: TokenUsage | undefined;
  readonly upstreamId: string;
  readonly responseModel: string;
  /** A success that says nothing: to be treated as the provider's failure. */
  readonly isEmpty: boolean;
}

/**
 * Turns upstream events into finished bytes for the client. Sync; one instance per call; never
 * throws. Feed it with every event's data, then `end()` once when the upstream closed.
 *
 * Nothing is emitted before the first content, so `hasContent` turns true with the first non-empty
 * return value (or with `end()`, on an answer without content).
 */
export interface StreamTranslator {
  /** SSE text for the client, "" when the event yields none. */
  push(data: string, eventName?: string): string;
  /** What is still held back: the finish chunk. Sets `fault` when the stream ended too early. */
  end(): string;
  /** Some output was emitted: from now on a failure cannot move to another endpoint. */
  readonly hasContent: boolean;
  /** The answer ended properly: nothing more will be emitted but by `end()`. */
  readonly isDone: boolean;
  /** Ended without fault, and said nothing. Meaningful after `end()`. */
  readonly isEmpty: boolean;
  /** Undefined until known. */
  readonly finishReason: FinishReason | undefined;
  readonly nativeFinishReason: string;
  readonly usage: TokenUsage | undefined;
  readonly upstreamId: string;
  readonly responseModel: string;
  /** An in-band error, an unreadable event or an early end; once set, push() returns "". */
  readonly fault: ProviderFaultInfo | undefined;
  /** UTF-16 length of all text produced, for counting when the provider sent no usage. */
  readonly outputLength: number;
}

/** A cheap look at whether an endpoint works. */
export interface ProbePlan {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whether it costs nothing. */
  readonly isFree: boolean;
  /** Undefined = the endpoint is up. */
  judge(
    httpStatus: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    body: string,
  ): ProviderFaultInfo | undefined;
}
