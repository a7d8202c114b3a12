import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { AppError } from "@fairlead/errors";
import type { CallOptions, RpcClient } from "../client-types.ts";

/**
 * `ready` takes calls. `draining`: the peer takes no new ones and no other stream is up yet, open
 * ones go on. `connecting`: no stream at all. `closed` is final.
 */
export type LinkState = "connecting" | "ready" | "draining" | "closed";

/**
 * Where a call's answer goes: plain callbacks, in order, each called synchronously as the bytes
 * arrive. `end` comes last, exactly once, whatever happens.
 */
export interface CallSink<O extends DescMessage = DescMessage> {
  message(message: MessageShape<O>): void;
  /**
   * When given, takes the messages whose only set field is the bytes member of their oneof
   * (`GenerateResponse.output`), as that field's bytes: nothing is built for them. The view is
   * valid for as long as it is held, but holds the batch that it came in.
   */
  bytes?(value: Uint8Array): void;
  /** When given, takes every message as it came, for callers that decode it better themselves. */
  raw?(message: Uint8Array): void;
  /** `detail` is what the callee gave to `fail` beside the error. */
  end(error: AppError | undefined, detail: Uint8Array | undefined): void;
}

export interface ClientCall {
  /** Gives up: the sink's `end` is called with `cancelled` before this returns. */
  cancel(): void;
  /** Stops deliveries (not `end`'s turn after them), and with them the peer's credit. */
  pause(): void;
  resume(): void;
}

export interface Link {
  readonly address: string;
  readonly state: LinkState;
  /** Open calls. */
  readonly inFlight: number;
  /** The same typed methods as `createClient` gives. */
  client<S extends DescService>(service: S): RpcClient<S>;
  /**
   * Opens a call in its hot form. The request may be given encoded, by a caller that keeps parts
   * of it encoded from call to call. It never throws: with no ready stream, the sink's `end` gets
   * `unavailable`, as always after this returned.
   */
  open<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O> | DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I> | Uint8Array,
    options: CallOptions,
    sink: CallSink<O>,
  ): ClientCall;
  /** Calls back on each change of `state`; returns how to stop that. */
  onStateChange(listener: (state: LinkState) => void): () => void;
  /** Resolves when calls can be made; rejects with `unavailable` after the timeout. */
  whenReady(timeoutMs: number): Promise<void>;
  /** Ends every open call with `cancelled`, and the stream. */
  close(): void;
}
