import type { DescMessage } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import { varintLength, writeVarint } from "./varint.ts";

/**
 * The bytes member of a message's oneof, such as `GenerateResponse.output`: the payload of hot
 * streams, written and read by hand, since building a message around it costs more than sending it.
 */
export interface BytesField {
  /** Key byte on the wire; field numbers above 15 would need two and are not taken. */
  readonly tag: number;
  readonly typeName: string;
  readonly oneofName: string;
  readonly fieldName: string;
}

const known = new WeakMap<DescMessage, BytesField | null>();

/** The field, when the message has exactly one oneof with exactly one bytes member in it. */
export function findBytesField(message: DescMessage): BytesField | undefined {
  const seen = known.get(message);
  if (seen !== undefined) {
    return seen ?? undefined;
  }
  const members = message.oneofs
    .flatMap((oneof) => oneof.fields)
    .filter((field) => field.fieldKind === "scalar" && field.scalar === scalarBytes);
  const [field] = members;
  const isUsable = members.length === 1 && field?.oneof !== undefined && field.number <= 15;
  const found = isUsable
    ? {
        tag: (field.number << 3) | 2,
        typeName: message.typeName,
        oneofName: field.oneof.localName,
        fieldName: field.localName,
      }
    : undefined;
  known.set(message, found ?? null);
  return found;
}

// ScalarType.BYTES of protobuf-es, whose number is that of descriptor.proto.
const scalarBytes = 12;

export function bytesFieldOf(message: DescMessage): BytesField {
  const field = findBytesField(message);
  if (field === undefined) {
    throw new AppError("internal", `${message.typeName} has no bytes field to send bytes in.`);
  }
  return field;
}

/** The bytes of `message` when nothing but this field is set in it, without a copy. */
export function matchBytesField(field: BytesField, message: object): Uint8Array | undefined {
  const member: unknown = (message as Record<string, unknown>)[field.oneofName];
  if (typeof member !== "object" || member === null || !("case" in member)) {
    return undefined;
  }
  const { case: name, value } = member as { case: unknown; value?: unknown };
  return name === field.fieldName && value instanceof Uint8Array ? value : undefined;
}

export function encodeBytesField(field: BytesField, value: Uint8Array): Buffer {
  const encoded = Buffer.allocUnsafe(1 + varintLength(value.length) + value.length);
  encoded[0] = field.tag;
  encoded.set(value, writeVarint(encoded, 1, value.length));
  return encoded;
}
