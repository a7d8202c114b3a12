import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { decode, encode } from "@fairlead/proto/wire";
import { type BytesField, findBytesField } from "../bytes-field.ts";

/** Encodes and decodes one type of message; the same object for a type each time. */
export interface MessageCodec {
  readonly schema: DescMessage;
  readonly bytesField: BytesField | undefined;
}

const codecs = new WeakMap<DescMessage, MessageCodec>();

export function codecOf(schema: DescMessage): MessageCodec {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    codec = { schema, bytesField: findBytesField(schema) };
    codecs.set(schema, codec);
  }
  return codec;
}

export function encodeMessage(
  codec: MessageCodec,
  message: MessageInitShape<DescMessage>,
): Uint8Array {
  return encode(codec.schema, message);
}

export function decodeMessage(codec: MessageCodec, bytes: Uint8Array): MessageShape<DescMessage> {
  return decode(codec.schema, bytes);
}

/**
 * Where the bytes field's value begins in `batch`, when the message from `start` to `end` is that
 * field and nothing else; else -1.
 */
export function findBytesValue(
  field: BytesField,
  batch: Uint8Array,
  start: number,
  end: number,
): number {
  if (batch[start] !== field.tag) {
    return -1;
  }
  let length = 0;
  let position = start + 1;
  for (let shift = 0; shift < 32; shift += 7) {
    const byte = batch[position];
    position += 1;
    if (byte === undefined) {
      return -1;
    }
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      return position + (length >>> 0) === end ? position : -1;
    }
  }
  return -1;
}

/** The message that has only this field set, built without protobuf-es. */
export function wrapBytes(field: BytesField, value: Uint8Array): MessageShape<DescMessage> {
  return {
    $typeName: field.typeName,
    [field.oneofName]: { case: field.fieldName, value },
  };
}
