import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

type Write = (writer: WireWriter, message: never) => void;
type Read = (reader: WireReader, end: number) => unknown;
type Create = (init: never) => unknown;

interface Codec {
  readonly write: (writer: WireWriter, message: unknown) => void;
  readonly read: Read;
  readonly create: (init: unknown) => unknown;
}

const codecs = new WeakMap<DescMessage, Codec>();
/** Nothing that writes a message calls out, so one writer serves all. */
const writer = new WireWriter();

/** The value of every unset bytes field. */
export const EMPTY_BYTES = new Uint8Array(0);

/** For generated code: how a message is written, read and made. */
export function register(schema: DescMessage, write: Write, read: Read, create: Create): void {
  codecs.set(schema, {
    write: write as Codec["write"],
    read,
    create: create as Codec["create"],
  });
}

/** What protobuf-es's `create` makes: a message with every field, absent ones at their zero. */
export function create<T extends DescMessage>(
  schema: T,
  init: MessageInitShape<T> = {} as MessageInitShape<T>,
): MessageShape<T> {
  return find(schema).create(init) as MessageShape<T>;
}

/** The wire format of a message; absent fields count as unset: it need not be `create`d. */
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
