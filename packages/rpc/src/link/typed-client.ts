import type {
  DescMessage,
  DescMethod,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import type { CallOptions, RpcClient } from "../client-types.ts";
import { isSupported } from "../method.ts";
import type { CallSink, ClientCall } from "./link-types.ts";

type Message = MessageShape<DescMessage>;
/** `Link.open` with its types erased. */
export type OpenCallFunction = (
  method: DescMethod,
  request: MessageInitShape<DescMessage>,
  options: CallOptions,
  sink: CallSink,
) => ClientCall;

/** Promises and async iterables on top of the hot form. */
export function createTypedClient<S extends DescService>(
  service: S,
  open: OpenCallFunction,
): RpcClient<S> {
  const methods = service.methods.filter(isSupported).map((method) => {
    const unary = (
      request: MessageInitShape<DescMessage>,
      options: CallOptions,
    ): Promise<Message> =>
      new Promise((resolve, reject) => {
        open(method, request, options, new UnarySink(resolve, reject));
      });
    const stream = (
      request: MessageInitShape<DescMessage>,
      options: CallOptions,
    ): AsyncIterable<Message> => iterate((sink) => open(method, request, options, sink));
    return [method.localName, method.methodKind === "unary" ? unary : stream];
  });
  return Object.assign(Object.fromEntries(methods), { close() {} }) as RpcClient<S>;
}

class UnarySink implements CallSink {
  readonly #resolve: (message: Message) => void;
  readonly #reject: (error: AppError) => void;
  #message: Message | undefined;

  constructor(resolve: (message: Message) => void, reject: (error: AppError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  message(message: Message): void {
    this.#message = message;
  }

  end(error: AppError | undefined): void {
    if (error !== undefined) {
      this.#reject(error);
    } else if (this.#message === undefined) {
      this.#reject(new AppError("internal", "Internal error.", { cause: "no answer before END" }));
    } else {
      this.#resolve(this.#message);
    }
  }
}

/** Messages that a slow loop may leave lying before the peer gets no more credit. */
const heldMessagesMax = 16;

async function* iterate(open: (sink: CallSink) => ClientCall): AsyncGenerator<Message> {
  let held: Message[] = [];
  let ended: { readonly error: AppError | undefined } | undefined;
  let wake: () => void = () => {};
  const call = open({
    message(message) {
      held.push(message);
      if (held.length >= heldMessagesMax) {
        call.pause();
      }
      wake();
    },
    end(error) {
      ended = { error };
      wake();
    },
  });
  try {
    for (;;) {
      const messages = held;
      held = [];
      yield* messages;
      if (held.length > 0) {
        continue;
      }
      if (ended !== undefined) {
        break;
      }
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      call.resume();
      await more;
    }
    if (ended.error !== undefined) {
      throw ended.error;
    }
  } finally {
    call.cancel();
  }
}
