import type { DescMethod } from "@bufbuild/protobuf";
import { methodPath } from "../method.ts";
import { codecOf, type MessageCodec } from "./message-codec.ts";

/** A method as the link needs it; the same object for a method each time. */
export interface MethodCodec {
  /** UTF-8 of its path. */
  readonly path: Buffer;
  readonly input: MessageCodec;
  readonly output: MessageCodec;
}

const codecs = new WeakMap<DescMethod, MethodCodec>();

export function methodCodec(method: DescMethod): MethodCodec {
  let codec = codecs.get(method);
  if (codec === undefined) {
    codec = {
      path: Buffer.from(methodPath(method)),
      input: codecOf(method.input),
      output: codecOf(method.output),
    };
    codecs.set(method, codec);
  }
  return codec;
}
