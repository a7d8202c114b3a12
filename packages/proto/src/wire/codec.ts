import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

type Write = (writer: WireWriter, message: never) => void;
type Read = (reader: WireReader, end: number) => unknown;

interface Codec {
  readonly write: (writer: WireWriter, message: unknown) => void;
  readonly read: Read;
}

const codecs = new WeakMap<DescMessage, Codec>();
/** Nothing that writes a message calls out, so one writer serves all. */
const writer = new WireWriter();

/** The value of every unset bytes field. */
export const EMPTY_BYTES = new Uint8Array(0);

/** For generated code: how a message is written and read. */
export function register(schema: DescMessage, write: Write, read: Read): void {
  codecs.set(schema, { write: write as Codec["write"], read });
}

/** The wire format of a message; absent fields count as unset, so that `create` is not needed. */
export function encode<T extends DescMessage>(schema: T, message: MessageInitShape<T>): Buffer {
  const codec = find(schema);
  writer.reset();
  codec.write(writer, message);
  return writer.finish();
}

/**
 * Reads a message; its bytes fields are views of `bytes`. Fields that the schema does not know
 * are kept in `$unknown`. Throws RangeError on what is no such message.
 */
export function decode<T extends DescMessage>(schema: T, bytes: Uint8Array): MessageShape<T> {
  return find(schema).read(new WireReader(bytes), bytes.length) as MessageShape<T>;
}

function find(schema: DescMessage): Codec {
  const codec = codecs.get(schema);
  if (codec === undefined) {
    throw new TypeError(`${schema.typeName} was not imported from @fairlead/proto`);
  }
  return codec;
}
