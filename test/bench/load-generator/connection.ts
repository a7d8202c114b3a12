import { connect, type Socket } from "node:net";
import { AnswerReader } from "./answer-reader.ts";
import type { Address } from "./job.ts";

/** Told what happens on a connection. Times are `performance.now()`. */
export interface ConnectionEvents {
  firstContent(connection: Connection, now: number): void;
  /** A read of an answer that goes on; `gapMs` since the one before. */
  progress(connection: Connection, gapMs: number): void;
  complete(connection: Connection, now: number): void;
  broken(connection: Connection): void;
}

/** One keep-alive HTTP/1.1 connection with one request under way at most. */
export class Connection {
  readonly answer = new AnswerReader();
  /** When the request was due: in an open loop earlier than when it was sent. */
  startedAt = 0;
  isBusy = false;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  #readAt = 0;
  #isClosed = false;

  constructor(
    address: Address,
    events: ConnectionEvents,
    opened: (connection: Connection) => void,
  ) {
    this.#events = events;
    this.#socket = connect({ ...address, noDelay: true }, () => opened(this));
    this.#socket.on("data", (bytes) => this.#read(bytes));
    this.#socket.on("close", () => this.#closed());
    // Always followed by "close", where it is counted.
    this.#socket.on("error", () => {});
  }

  send(request: Buffer, startedAt: number): void {
    this.isBusy = true;
    this.startedAt = startedAt;
    this.#readAt = startedAt;
    this.answer.begin();
    this.#socket.write(request);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (!this.isBusy) {
      return;
    }
    const now = performance.now();
    const hadContent = this.answer.hasContent;
    const isComplete = this.answer.read(bytes);
    if (hadContent) {
      this.#events.progress(this, now - this.#readAt);
    } else if (this.answer.hasContent) {
      this.#events.firstContent(this, now);
    }
    this.#readAt = now;
    if (isComplete) {
      this.isBusy = false;
      this.#events.complete(this, now);
    }
  }

  #closed(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#events.broken(this);
    }
  }
}
