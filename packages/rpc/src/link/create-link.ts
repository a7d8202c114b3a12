import type { DescMessage, DescMethod, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { CallOptions } from "../client-types.ts";
import { cancelledError } from "../limits.ts";
import type { ClientConnection } from "./client-connection.ts";
import { reportStats } from "./link-metrics.ts";
import type { RpcLogger } from "../log.ts";
import type { LinkOptions } from "./link-options.ts";
import { LinkStats } from "./link-stats.ts";
import type { CallSink, ClientCall, Link, LinkState } from "./link-types.ts";
import { encodeMessage } from "./message-codec.ts";
import { methodCodec } from "./method-codec.ts";
import { openStream } from "./stream-attempt.ts";
import { createTypedClient, type OpenCallFunction } from "./typed-client.ts";

const backoffMinMsDefault = 50;
const backoffMaxMsDefault = 2000;

/** Opens a link to the process at `address` and keeps it open until `close`. */
export function createLink(address: string, options: LinkOptions): Link {
  return new ReconnectingLink(address, options);
}

class ReconnectingLink implements Link {
  readonly address: string;
  readonly #options: LinkOptions;
  readonly #stats = new LinkStats();
  readonly #stopReporting: () => void;
  readonly #listeners = new Set<(state: LinkState) => void>();
  /** Takes new calls. */
  #ready: ClientConnection | undefined;
  /** Takes none, but has open ones. */
  readonly #draining = new Set<ClientConnection>();
  #attempt: ClientConnection | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosed = false;
  #hasConnected = false;
  #lastState: LinkState = "connecting";

  constructor(address: string, options: LinkOptions) {
    this.address = address;
    this.#options = options;
    this.#stopReporting = reportStats("client", () => this.#sample());
    this.#connect();
  }

  get state(): LinkState {
    if (this.#isClosed) {
      return "closed";
    }
    if (this.#ready !== undefined) {
      return "ready";
    }
    return this.#draining.size > 0 ? "draining" : "connecting";
  }

  get inFlight(): number {
    let calls = this.#ready?.openCalls ?? 0;
    for (const connection of this.#draining) {
      calls += connection.openCalls;
    }
    return calls;
  }

  client<S extends DescService>(service: S) {
    return createTypedClient(service, this.open as OpenCallFunction);
  }

  // Link types it by the method; inside, all methods are alike.
  readonly open = ((
    method: DescMethod,
    request: MessageInitShape<DescMessage> | Uint8Array,
    options: CallOptions,
    sink: CallSink,
  ): ClientCall => {
    const { logger } = this.#options;
    const connection = this.#ready ?? (options.isControl ? this.#lastDraining() : undefined);
    if (connection === undefined) {
      return failLater(sink, this.#notReadyError(), logger);
    }
    if (options.signal?.aborted) {
      return failLater(sink, cancelledError(), logger);
    }
    let data: Uint8Array;
    try {
      data =
        request instanceof Uint8Array ? request : encodeMessage(methodCodec(method).input, request);
    } catch (error) {
      return failLater(sink, AppError.from(error), logger);
    }
    const call = connection.open(method, data, options, sink);
    return call instanceof AppError ? failLater(sink, call, logger) : call;
  }) as Link["open"];

  onStateChange(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  whenReady(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        if (this.state === "ready" || this.state === "closed") {
          clearTimeout(timer);
          stop();
          this.state === "ready" ? resolve() : reject(this.#notReadyError());
        }
      };
      const stop = this.onStateChange(settle);
      const timer = setTimeout(() => {
        stop();
        reject(this.#notReadyError());
      }, timeoutMs);
      settle();
    });
  }

  close(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    this.#stopReporting();
    for (const connection of [this.#ready, this.#attempt, ...this.#draining]) {
      connection?.channel.fail(cancelledError());
    }
    this.#tellState();
    this.#listeners.clear();
  }

  #connect(): void {
    const connection = openStream(this.address, this.#options, this.#stats, {
      onReady: () => this.#becameReady(connection),
      onDraining: () => this.#beganDraining(connection),
      onClosed: (reason) => this.#closed(connection, reason),
    });
    this.#attempt = connection;
  }

  #becameReady(connection: ClientConnection): void {
    if (this.#attempt !== connection) {
      return;
    }
    this.#attempt = undefined;
    this.#ready = connection;
    this.#failures = 0;
    this.#stats.reconnects += this.#hasConnected ? 1 : 0;
    this.#hasConnected = true;
    this.#tellState();
  }

  /** A replacement is opened at once: another process may stand behind the same address. */
  #beganDraining(connection: ClientConnection): void {
    if (this.#ready !== connection) {
      return;
    }
    this.#ready = undefined;
    this.#draining.add(connection);
    this.#options.logger.info({ address: this.address }, "link peer drains");
    this.#retryLater();
    this.#tellState();
  }

  #closed(connection: ClientConnection, reason: AppError): void {
    const wasDraining = this.#draining.delete(connection);
    const wasCurrent = this.#ready === connection || this.#attempt === connection;
    if (this.#ready === connection) {
      this.#ready = undefined;
      this.#reportReset(reason);
    }
    if (this.#attempt === connection) {
      this.#attempt = undefined;
    }
    if (wasCurrent && !this.#isClosed) {
      this.#retryLater();
    }
    if (wasCurrent || wasDraining) {
      this.#tellState();
    }
  }

  #reportReset(reason: AppError): void {
    if (!this.#isClosed) {
      this.#stats.resets += 1;
      this.#options.logger.warn({ address: this.address, err: reason }, "link broke");
    }
  }

  /** Waits a random time, so that the callers of a process that restarts do not come at once. */
  #retryLater(): void {
    const { backoffMinMs = backoffMinMsDefault, backoffMaxMs = backoffMaxMsDefault } =
      this.#options;
    const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), Math.random() * ceilingMs);
  }

  #tellState(): void {
    const { state } = this;
    if (state !== this.#lastState) {
      this.#lastState = state;
      for (const listener of [...this.#listeners]) {
        listener(state);
      }
    }
  }

  #lastDraining(): ClientConnection | undefined {
    return [...this.#draining].at(-1);
  }

  #notReadyError(): AppError {
    return new AppError("unavailable", "The service cannot be reached now; try again.", {
      cause: `link to ${this.address} is ${this.state}`,
    });
  }

  #sample(): LinkStats {
    this.#stats.openCalls = this.inFlight;
    this.#stats.queueBytes = this.#ready?.channel.queuedBytes ?? 0;
    return this.#stats;
  }
}

const endedCall: ClientCall = { cancel() {}, pause() {}, resume() {} };

/** The caller has its call in hand before it hears of the end. */
function failLater(sink: CallSink, error: AppError, logger: RpcLogger): ClientCall {
  queueMicrotask(() => {
    try {
      sink.end(error, undefined);
    } catch (cause) {
      // Thrown out of a microtask, it would end the process.
      logger.error({ err: cause }, "the end of a call was not handled");
    }
  });
  return endedCall;
}
