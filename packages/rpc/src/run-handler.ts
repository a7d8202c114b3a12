import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { ServerCall } from "./handler-types.ts";

type Reply = MessageInitShape<DescMessage>;
/** A streaming handler of either form, its types erased. */
export type AnyStreamHandler = (
  request: never,
  call: ServerCall,
) => AsyncIterable<Reply> | undefined | Promise<unknown>;

/** Runs a streaming handler of either form; whatever it throws ends the call. */
export function runStreamHandler(
  handler: AnyStreamHandler,
  request: unknown,
  call: ServerCall,
): void {
  try {
    const result = handler(request as never, call);
    if (result === undefined) {
      return;
    }
    if (Symbol.asyncIterator in result) {
      pump(result, call).catch((error: unknown) => call.fail(error));
    } else {
      // TypeScript lets an async function stand for one that returns nothing.
      result.then(undefined, (error: unknown) => call.fail(error));
    }
  } catch (error) {
    call.fail(error);
  }
}

async function pump(replies: AsyncIterable<Reply>, call: ServerCall): Promise<void> {
  let wake: () => void = () => {};
  call.onDrain(() => wake());
  call.onCancel(() => wake());
  for await (const reply of replies) {
    if (call.isEnded) {
      return;
    }
    if (!call.send(reply) && !call.isEnded) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  call.end();
}
