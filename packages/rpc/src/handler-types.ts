import type {
  DescMessage,
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { AppError } from "@fairlead/errors";

/** What a handler knows of its call, the same over plain gRPC and over a link. */
export interface CallContext {
  /**
   * Aborts when the caller gave up, its deadline passed or its connection broke, and at no other
   * time: a call that was answered never aborts. The reason is an AppError.
   */
  readonly signal: AbortSignal;
  readonly deadline: Date | undefined;
  /** Text metadata; keys in lower case. */
  readonly metadata: ReadonlyMap<string, string>;
  /** W3C trace context of the caller. */
  readonly traceparent: string | undefined;
}

/**
 * A streaming call seen by its handler: callbacks, no promise for each message.
 *
 * Messages leave in the order of `send`. After `end`, `fail` or a cancellation every method is
 * harmless and `send` returns false.
 */
export interface ServerCall<O extends DescMessage = DescMessage> extends CallContext {
  /** Unix time in milliseconds at which the call expires. */
  readonly deadlineMs: number | undefined;
  /** True once the call has ended in whatever way. */
  readonly isEnded: boolean;
  /**
   * Sends one message, or, when given bytes, the message whose only set field is the bytes member
   * of its oneof (`GenerateResponse.output`). False means that the reader is slow: the message was
   * taken, but the next ought to wait for `onDrain`. A handler that goes on all the same is
   * stopped with `unavailable` when its queue is full.
   */
  send(message: MessageInitShape<O> | Uint8Array): boolean;
  /** Called each time `send` may go on after it returned false. The last listener counts. */
  onDrain(listener: () => void): void;
  /** Called at most once, under the same rule as `signal`, and cheaper than it. */
  onCancel(listener: (reason: AppError) => void): void;
  end(): void;
  /** Ends the call with an error. `detail` is an encoded message that `errorDetail` gives back. */
  fail(error: unknown, detail?: Uint8Array): void;
}

export type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => Promise<MessageInitShape<O>>;

/** The form for hot streams: nothing is returned, everything goes through the call. */
export type LinkStreamHandler<I extends DescMessage, O extends DescMessage = DescMessage> = (
  request: MessageShape<I>,
  call: ServerCall<O>,
) => void;

/**
 * The form for everything else: usually an `async function*`. It takes the same parameters as the
 * hot form, or TypeScript could not infer those of a handler that may be either, and uses the call
 * only as a CallContext.
 */
export type IterableHandler<I extends DescMessage, O extends DescMessage = DescMessage> = (
  request: MessageShape<I>,
  call: ServerCall<O>,
) => AsyncIterable<MessageInitShape<O>>;

type Handler<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? UnaryHandler<I, O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? IterableHandler<I, O> | LinkStreamHandler<I, O>
      : never;

/** One handler for each method; the same object serves plain gRPC and links. */
export type ServiceHandlers<S extends DescService> = {
  readonly [K in keyof S["method"]]: Handler<S["method"][K]>;
};
