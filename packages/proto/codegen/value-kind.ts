import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { codeName } from "./code-name.ts";

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

/** How one value of a field is written and read, as source text. */
export interface ValueKind {
  readonly wireType: number;
  readonly zero: string;
  isSet(value: string): string;
  write(tag: number, value: string): string;
  /** `before`: what a message field holds already. */
  read(before: string): string;
}

export function tagOf(field: DescField, kind: ValueKind): number {
  return ((field.number << 3) | kind.wireType) >>> 0;
}

/** Throws on what our protos do not use: it would be written wrong. */
export function valueKind(field: DescField): ValueKind {
  if (field.fieldKind === "map" || ("delimitedEncoding" in field && field.delimitedEncoding)) {
    throw new Error(`${field.parent.typeName}.${field.name}: maps and groups are not supported`);
  }
  const { message, enum: enumeration, scalar } = field;
  if (message !== undefined) {
    return messageKind(codeName(message));
  }
  if (field.fieldKind === "list" && field.packed) {
    throw new Error(`${field.parent.typeName}.${field.name}: lists of numbers are not supported`);
  }
  const kind =
    enumeration === undefined ? scalars[scalar as ScalarType] : scalars[ScalarType.INT32];
  if (kind === undefined) {
    throw new Error(`${field.parent.typeName}.${field.name}: its type is not supported`);
  }
  return kind;
}

function messageKind(name: string): ValueKind {
  return {
    wireType: LENGTH_DELIMITED,
    zero: "undefined",
    isSet: () => "true",
    write: (tag, value) => `const at = w.begin(${tag}); write${name}(w, ${value}); w.end(at);`,
    read: (before) => `read${name}(r, r.end(), ${before})`,
  };
}

function scalarKind(
  method: string,
  wireType: number,
  zero: string,
  isSet = (value: string) => `${value} !== ${zero}`,
): ValueKind {
  return {
    wireType,
    zero,
    isSet,
    write: (tag, value) => `w.${method}(${tag}, ${value});`,
    read: () => `r.${method}()`,
  };
}

const scalars: Readonly<Partial<Record<ScalarType, ValueKind>>> = {
  [ScalarType.STRING]: scalarKind("string", LENGTH_DELIMITED, '""'),
  [ScalarType.BYTES]: scalarKind(
    "bytes",
    LENGTH_DELIMITED,
    "EMPTY_BYTES",
    (value) => `${value}.length > 0`,
  ),
  [ScalarType.BOOL]: scalarKind("bool", VARINT, "false"),
  [ScalarType.INT32]: scalarKind("int32", VARINT, "0"),
  [ScalarType.UINT32]: scalarKind("uint32", VARINT, "0"),
  [ScalarType.INT64]: scalarKind("int64", VARINT, "0n"),
  [ScalarType.UINT64]: scalarKind("uint64", VARINT, "0n"),
  // Minus zero is a value of its own.
  [ScalarType.DOUBLE]: scalarKind("double", FIXED_64, "0", (value) => `!Object.is(${value}, 0)`),
};
