import type { IncomingMessage } from "node:http";
import { AppError } from "@fairlead/errors";

/** 413 that names the limit, in MiB. */
export function tooLarge(bytesMax: number): AppError {
  return new AppError(
    "payload_too_large",
    `The body is larger than ${bytesMax / 1_048_576} MiB. Send a smaller one.`,
  );
}

/**
 * Reads a body whole, or gives up at the limit. `done` is called once, and not at all when the
 * client goes away before its body is complete.
 */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  done: (body: Buffer | AppError) => void,
): void {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) {
    done(tooLarge(bytesMax));
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const receive = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      request.off("data", receive);
      request.off("end", finish);
      done(tooLarge(bytesMax));
      return;
    }
    chunks.push(chunk);
  };
  const finish = () => {
    const [first] = chunks;
    done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes));
  };
  request.on("data", receive);
  request.on("end", finish);
  // A client that breaks off is noticed by the response's `close`; here it only must not throw.
  request.on("error", ignore);
}

function ignore(): void {}
