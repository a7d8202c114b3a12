import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { CallContext } from "../handler-types.ts";
import { cancelledError } from "../limits.ts";
import type { RpcLogger } from "../log.ts";
import { type AnyStreamHandler, runStreamHandler } from "../run-handler.ts";
import { toAppError } from "../to-app-error.ts";
import { CallTable } from "./call-table.ts";
import { type DeadlineWheel, processWheel } from "./deadline-wheel.ts";
import { type Frame, frameKind } from "./frame.ts";
import { type ChannelOptions, FrameChannel, type FrameHandler } from "./frame-channel.ts";
import { writeEnd } from "./link-error.ts";
import { windowBytesDefault } from "./link-options.ts";
import { decodeMessage, type MessageCodec } from "./message-codec.ts";
import type { Transport } from "./outbox.ts";
import { LinkServerCall } from "./server-call.ts";

export type AnyUnaryHandler = (
  request: never,
  context: CallContext,
) => Promise<MessageInitShape<DescMessage>>;

/** A method as it is served. */
export interface LinkMethod {
  readonly path: string;
  readonly input: MessageCodec;
  readonly output: MessageCodec;
  readonly handler:
    | { readonly kind: "unary"; readonly run: AnyUnaryHandler }
    | { readonly kind: "stream"; readonly run: AnyStreamHandler };
}

export interface ServerConnectionOptions extends ChannelOptions {
  readonly methods: ReadonlyMap<string, LinkMethod>;
  readonly logger: RpcLogger;
  readonly callsMax: number;
  readonly wheel?: DeadlineWheel | undefined;
  readonly onClosed: () => void;
}

/** What a refused caller is told to wait before it comes back here. */
const refusedRetryAfterMs = 1000;

/** The callee's end of one stream. */
export class ServerConnection implements FrameHandler {
  readonly channel: FrameChannel;
  readonly #options: ServerConnectionOptions;
  readonly #wheel: DeadlineWheel;
  readonly #calls = new CallTable<LinkServerCall>();
  #lastId = 0;
  #hasPeerEnded = false;

  constructor(transport: Transport, options: ServerConnectionOptions) {
    this.#options = options;
    this.#wheel = options.wheel ?? processWheel;
    this.channel = new FrameChannel(transport, this, options);
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  /** Tells the caller to go elsewhere; it ends the stream when its open calls are over. */
  drain(): void {
    if (!this.channel.isClosed) {
      this.channel.write().control(frameKind.drain, 0);
    }
  }

  /** The caller opens no more calls; the stream ends behind the last answer. */
  peerEnded(): void {
    this.#hasPeerEnded = true;
    this.#endIfDone();
  }

  onFrame(frame: Frame): void {
    switch (frame.kind) {
      case frameKind.open:
        this.#open(frame);
        break;
      case frameKind.cancel:
        this.#calls.get(frame.call)?.cancel(cancelledError());
        break;
      case frameKind.window:
        this.#calls.get(frame.call)?.sender.receiveCredit(frame.credit);
        break;
      default:
        // HALF_CLOSE says nothing new: OPEN carries the whole request.
        break;
    }
  }

  onClosed(reason: AppError): void {
    if (reason.code !== "cancelled") {
      this.channel.stats.resets += 1;
      this.#options.logger.warn({ err: reason }, "link broke");
    }
    const cancelled = cancelledError();
    for (const call of this.#calls.list()) {
      call.cancel(cancelled);
    }
    this.#options.onClosed();
  }

  toAppError(error: unknown, path: string): AppError {
    return toAppError(error, path, this.#options.logger);
  }

  forget(call: LinkServerCall): void {
    this.#wheel.remove(call);
    this.#calls.remove(call);
    this.#endIfDone();
  }

  #open(frame: Frame): void {
    const id = frame.call;
    if (id <= this.#lastId) {
      this.channel.fail(
        new AppError("unavailable", "The peer used a call id twice.", { cause: `call ${id}` }),
      );
      return;
    }
    this.#lastId = id;
    const path = frame.method();
    const method = this.#options.methods.get(path);
    if (method === undefined) {
      this.#refuse(id, new AppError("internal", "The service does not know the method."), path);
    } else if (this.#calls.size >= this.#options.callsMax) {
      this.channel.stats.overflows += 1;
      this.#refuse(id, tooManyCallsError(), path);
    } else {
      this.#start(frame, method);
    }
  }

  #refuse(id: number, error: AppError, path: string): void {
    this.#options.logger.warn({ code: error.code, method: path }, "call refused");
    writeEnd(this.channel.write(), id, error);
  }

  #start(frame: Frame, method: LinkMethod): void {
    const call = new LinkServerCall(this, {
      id: frame.call,
      method,
      timeoutMs: frame.deadlineMs,
      credit: frame.credit || windowBytesDefault,
      entries: frame.entries,
    });
    this.#calls.add(call);
    if (frame.deadlineMs > 0) {
      this.#wheel.add(call, frame.deadlineMs);
    }
    let request: unknown;
    try {
      request = decodeMessage(method.input, frame.data());
    } catch (cause) {
      call.fail(
        new AppError("invalid_request", "The request is no message of the method.", { cause }),
      );
      return;
    }
    if (method.handler.kind === "stream") {
      runStreamHandler(method.handler.run, request, call);
    } else {
      runUnary(method.handler.run, request, call);
    }
  }

  #endIfDone(): void {
    if (this.#hasPeerEnded && this.#calls.size === 0 && !this.channel.isClosed) {
      this.channel.end();
    }
  }
}

function runUnary(handler: AnyUnaryHandler, request: unknown, call: LinkServerCall): void {
  let reply: Promise<MessageInitShape<DescMessage>>;
  try {
    reply = handler(request as never, call);
  } catch (error) {
    call.fail(error);
    return;
  }
  reply.then(
    (message) => {
      call.send(message);
      call.end();
    },
    (error: unknown) => call.fail(error),
  );
}

function tooManyCallsError(): AppError {
  return new AppError("unavailable", "The service has too many open calls; try again.", {
    retryAfterMs: refusedRetryAfterMs,
  });
}
