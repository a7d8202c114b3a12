import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

export interface CallOptions {
  /** Every call has a deadline; there is no default. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** W3C trace context of the caller's span. */
  readonly traceparent?: string | undefined;
  /** Further text metadata; keys in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * For a call about calls that are open at the peer, such as aborting one: over a link it goes to
   * a draining peer too, which takes no others.
   */
  readonly isControl?: boolean | undefined;
}

type ClientMethod<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options: CallOptions) => Promise<MessageShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options: CallOptions) => AsyncIterable<MessageShape<O>>
      : never;

/**
 * Typed methods of a service. They reject with an AppError, always. A stream begins when it is
 * iterated, and leaving the loop early cancels it.
 */
export type RpcClient<S extends DescService> = {
  readonly [K in keyof S["method"]]: ClientMethod<S["method"][K]>;
} & {
  /** Closes a client's own channel; a client made by a link owns none, so there it does nothing. */
  close(): void;
};
