import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { AppError } from "@fairlead/errors";
import type { ServerCall } from "../handler-types.ts";
import { timeoutError } from "../limits.ts";
import { traceparentKey } from "../trace.ts";
import { CallSender } from "./call-sender.ts";
import type { TableCall } from "./call-table.ts";
import { Expiring } from "./deadline-wheel.ts";
import type { LinkMethod, ServerConnection } from "./server-connection.ts";

/** What OPEN said. */
export interface OpenedCall {
  readonly id: number;
  readonly method: LinkMethod;
  /** 0 = no deadline. */
  readonly timeoutMs: number;
  readonly credit: number;
  /** Metadata: keys and values in turn. */
  readonly entries: readonly string[];
}

/** A call in the callee's table. */
export class LinkServerCall extends Expiring implements ServerCall, TableCall<LinkServerCall> {
  readonly id: number;
  nextInBucket: LinkServerCall | undefined;
  readonly method: LinkMethod;
  readonly deadlineMs: number | undefined;
  readonly sender: CallSender;
  readonly #connection: ServerConnection;
  readonly #entries: readonly string[];
  #isEnded = false;
  #reason: AppError | undefined;
  #onCancel: ((reason: AppError) => void) | undefined;
  #controller: AbortController | undefined;
  #metadata: ReadonlyMap<string, string> | undefined;

  constructor(connection: ServerConnection, open: OpenedCall) {
    super();
    this.id = open.id;
    this.method = open.method;
    this.deadlineMs = open.timeoutMs > 0 ? Date.now() + open.timeoutMs : undefined;
    this.#connection = connection;
    this.#entries = open.entries;
    this.sender = new CallSender(connection.channel, open.id, open.method.output, open.credit, () =>
      connection.forget(this),
    );
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get deadline(): Date | undefined {
    return this.deadlineMs === undefined ? undefined : new Date(this.deadlineMs);
  }

  get traceparent(): string | undefined {
    const index = this.#entries.indexOf(traceparentKey);
    return index >= 0 && index % 2 === 0 ? this.#entries[index + 1] : undefined;
  }

  get metadata(): ReadonlyMap<string, string> {
    this.#metadata ??= toMap(this.#entries);
    return this.#metadata;
  }

  /** Made when first asked for: most calls never are. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) {
      this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  send(message: MessageInitShape<DescMessage> | Uint8Array): boolean {
    if (this.#isEnded) {
      return false;
    }
    try {
      return this.sender.send(message);
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  onDrain(listener: () => void): void {
    this.sender.onDrain = () => {
      try {
        listener();
      } catch (error) {
        this.fail(error);
      }
    };
  }

  onCancel(listener: (reason: AppError) => void): void {
    this.#onCancel = listener;
    if (this.#reason !== undefined) {
      listener(this.#reason);
    }
  }

  end(): void {
    this.#finish(undefined, undefined);
  }

  fail(error: unknown, detail?: Uint8Array): void {
    if (!this.#isEnded) {
      this.#finish(this.#connection.toAppError(error, this.method.path), detail);
    }
  }

  expire(): void {
    const reason = timeoutError();
    this.sender.abort(reason);
    this.cancel(reason);
  }

  /** The caller gave up or vanished: nothing more is sent. */
  cancel(reason: AppError): void {
    this.sender.close();
    this.#connection.forget(this);
    if (this.#isEnded) {
      // The handler is done; only its last messages were still on their way.
      return;
    }
    this.#isEnded = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    try {
      this.#onCancel?.(reason);
    } catch (error) {
      this.#connection.toAppError(error, this.method.path);
    }
  }

  #finish(error: AppError | undefined, detail: Uint8Array | undefined): void {
    if (this.#isEnded) {
      return;
    }
    this.#isEnded = true;
    if (this.sender.end(error, detail)) {
      this.#connection.forget(this);
    }
  }
}

function toMap(entries: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let index = 0; index < entries.length; index += 2) {
    map.set(entries[index] ?? "", entries[index + 1] ?? "");
  }
  return map;
}
