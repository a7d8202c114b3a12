import type { IncomingMessage } from "node:http";

const EMPTY = Buffer.alloc(0);

/** Collects the body; gives undefined when it is longer than `bytesMax`. */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  done: (body: Buffer | undefined) => void,
): void {
  let first: Buffer = EMPTY;
  let rest: Buffer[] | undefined;
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > bytesMax) {
      return;
    }
    // Nearly every body comes in one piece: no array and no copy for those.
    if (first.length === 0) {
      first = chunk;
    } else {
      rest ??= [first];
      rest.push(chunk);
    }
  });
  request.once("end", () => {
    if (length > bytesMax) {
      done(undefined);
    } else {
      done(rest === undefined ? first : Buffer.concat(rest));
    }
  });
}
