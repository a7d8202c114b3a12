import { AppError } from "@fairlead/errors";
import type { Metadata, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { CallContext } from "../handler-types.ts";
import { timeoutError } from "../limits.ts";
import { traceparentKey } from "../trace.ts";

type GrpcCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** The context of a plain gRPC call. */
export class GrpcContext implements CallContext {
  readonly deadline: Date | undefined;
  readonly #call: GrpcCall;
  #controller: AbortController | undefined;
  #reason: AppError | undefined;
  #metadata: ReadonlyMap<string, string> | undefined;
  #onCancel: ((reason: AppError) => void) | undefined;

  constructor(call: GrpcCall) {
    this.#call = call;
    this.deadline = toDate(call.getDeadline());
    call.once("cancelled", this.#cancel);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) {
      this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get metadata(): ReadonlyMap<string, string> {
    this.#metadata ??= readMetadata(this.#call.metadata);
    return this.#metadata;
  }

  get traceparent(): string | undefined {
    const [value] = this.#call.metadata.get(traceparentKey);
    return typeof value === "string" ? value : undefined;
  }

  /** Why the call ended before it was answered. */
  get cancelReason(): AppError | undefined {
    return this.#reason;
  }

  onCancel(listener: (reason: AppError) => void): void {
    this.#onCancel = listener;
  }

  /** To be called before answering: grpc-js emits "cancelled" after a normal end too. */
  finish(): void {
    this.#call.off("cancelled", this.#cancel);
  }

  readonly #cancel = (): void => {
    const isLate = this.deadline !== undefined && Date.now() >= this.deadline.getTime();
    this.#reason = isLate
      ? timeoutError()
      : new AppError("cancelled", "The caller cancelled the call.");
    this.#controller?.abort(this.#reason);
    this.#onCancel?.(this.#reason);
  };
}

function toDate(deadline: Date | number): Date | undefined {
  if (typeof deadline !== "number") {
    return deadline;
  }
  return Number.isFinite(deadline) ? new Date(deadline) : undefined;
}

function readMetadata(metadata: Metadata): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const [key, value] of Object.entries(metadata.getMap())) {
    if (typeof value === "string") {
      entries.set(key, value);
    }
  }
  return entries;
}
