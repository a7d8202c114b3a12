import type { Dispatcher } from "undici";

type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What happens to one HTTP exchange, in this order; either `closed` or `broken` comes last. */
export interface ExchangeListener {
  /** The request is being written to a connection. */
  sent(): void;
  /** Status and headers of the final answer; names are in lower case. */
  head(httpStatus: number, headers: ResponseHeaders): void;
  data(chunk: Buffer): void;
  /** The whole answer came. Should this throw, `broken` comes after it. */
  closed(): void;
  /** The connection could not be made, or broke, or what came was not HTTP. */
  broken(error: Error): void;
}

const abortReason = new Error("The exchange was given up.");

/** One request to a provider: the HTTP client's callbacks with abort and back-pressure. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #listener: ExchangeListener;
  #controller: Dispatcher.DispatchController | undefined;
  #isPaused = false;
  #isOver = false;

  constructor(listener: ExchangeListener) {
    this.#listener = listener;
  }

  /** No callback will come any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Gives the exchange up with its connection; no callback comes after it. */
  abort(): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#controller?.abort(abortReason);
    }
  }

  /** Stops reading; what the current read has brought still comes. */
  pause(): void {
    this.#isPaused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      if (!this.#isOver) {
        this.#controller?.resume();
      }
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) {
      // Given up while it waited for its connection.
      controller.abort(abortReason);
      return;
    }
    this.#controller = controller;
    this.#listener.sent();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    httpStatus: number,
    headers: ResponseHeaders,
  ): void {
    // 1xx are not the answer.
    if (!this.#isOver && httpStatus >= 200) {
      this.#listener.head(httpStatus, headers);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#isOver) {
      this.#listener.data(chunk);
    }
  }

  onResponseEnd(): void {
    if (!this.#isOver) {
      this.#isOver = true;
      try {
        this.#listener.closed();
      } catch (error) {
        // The client would tell us of it as an error, to which we no longer listen.
        this.#listener.broken(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#listener.broken(error);
    }
  }
}
