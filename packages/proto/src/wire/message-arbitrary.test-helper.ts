import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import fc from "fast-check";

/** Any message of a type: every field unset, at its zero, at an edge, or anything. */
export function messageArbitrary(schema: DescMessage): fc.Arbitrary<Message> {
  const members = schema.members.map((member) => [
    member.localName,
    member.kind === "oneof" ? oneofArbitrary(member) : fieldArbitrary(member),
  ]);
  return fc
    .record(Object.fromEntries(members), { requiredKeys: [] })
    .map((init) => create(schema, init));
}

function oneofArbitrary(oneof: DescOneof): fc.Arbitrary<unknown> {
  return fc.oneof(
    ...oneof.fields.map((field) =>
      valueArbitrary(field).map((value) => ({ case: field.localName, value })),
    ),
  );
}

function fieldArbitrary(field: DescField): fc.Arbitrary<unknown> {
  const value = valueArbitrary(field);
  return field.fieldKind === "list" ? fc.array(value, { maxLength: 3 }) : value;
}

function valueArbitrary({ message, enum: enumeration, scalar }: DescField): fc.Arbitrary<unknown> {
  if (message !== undefined) {
    return messageArbitrary(message);
  }
  if (enumeration !== undefined) {
    return fc.constantFrom(...enumeration.values.map(({ number }) => number), 77, -1);
  }
  switch (scalar) {
    case ScalarType.STRING:
      return fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.string({ unit: "grapheme-ascii", minLength: 40, maxLength: 300 }),
      );
    case ScalarType.BYTES:
      return fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.uint8Array({ minLength: 120, maxLength: 300 }),
      );
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }));
    case ScalarType.INT32:
      return fc.oneof(fc.nat(300), fc.integer());
    case ScalarType.INT64:
      return fc.oneof(fc.bigInt(-300n, 300n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));
    case ScalarType.UINT64:
      return fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 64n - 1n));
    case ScalarType.DOUBLE:
      return fc.double();
    default:
      throw new Error(`no values for scalar ${scalar}`);
  }
}
