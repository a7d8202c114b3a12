import { readdirSync } from "node:fs";
import {
  create as referenceCreate,
  type DescFile,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { create, decode, encode } from "./codec.ts";
import { messageArbitrary } from "./message-arbitrary.test-helper.ts";

const generated = new URL("../gen/fairlead/", import.meta.url);
const modules = await Promise.all(
  readdirSync(generated, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("_codec.js"))
    .map((name): Promise<Record<string, unknown>> => import(new URL(name, generated).href)),
);
const schemas = modules.flatMap((module) =>
  Object.values(module).filter((it): it is DescMessage => isDesc(it, "message")),
);
const files = modules.flatMap((module) =>
  Object.values(module).filter((it): it is DescFile => isDesc(it, "file")),
);

function isDesc(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

/** The initializer that a message came of: without the names of types, in any depth. */
function strip(message: object): Record<string, unknown> {
  const fields = Object.entries(message).filter(([name]) => name !== "$typeName");
  return Object.fromEntries(fields.map(([name, value]) => [name, stripValue(value)]));
}

function stripValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(stripValue);
  }
  const isMessage = typeof value === "object" && value !== null && !(value instanceof Uint8Array);
  return isMessage ? strip(value) : value;
}

/** What `read` makes of the bytes, written by protobuf-es; undefined when it refuses them. */
function tryRead(
  schema: DescMessage,
  bytes: Uint8Array,
  read: (schema: DescMessage, bytes: Uint8Array) => Message,
): Uint8Array | undefined {
  let message: Message;
  try {
    message = read(schema, bytes);
  } catch (error) {
    if (read === decode) {
      expect(error).toBeInstanceOf(RangeError);
    }
    return undefined;
  }
  return toBinary(schema, message);
}

it("covers every message of every proto", () => {
  expect(schemas).toHaveLength(files.flatMap(({ messages }) => messages).length);
  expect(schemas.length).toBeGreaterThan(50);
});

describe.each(schemas.map((schema) => [schema.typeName, schema] as const))("%s", (_, schema) => {
  it("is written and read as protobuf-es does", () => {
    fc.assert(
      fc.property(messageArbitrary(schema), (message) => {
        const reference = toBinary(schema, message);
        expect(toBinary(schema, fromBinary(schema, encode(schema, message)))).toEqual(reference);
        expect(toBinary(schema, decode(schema, reference))).toEqual(reference);
      }),
      { numRuns: 60 },
    );
  });

  it("joins what comes in two parts, and refuses what is cut, as protobuf-es does", () => {
    const parts = fc.tuple(messageArbitrary(schema), messageArbitrary(schema), fc.nat());
    fc.assert(
      fc.property(parts, ([one, two, at]) => {
        const whole = Buffer.concat([toBinary(schema, one), toBinary(schema, two)]);
        for (const bytes of [whole, whole.subarray(0, at % (whole.length + 1))]) {
          const [ours, reference] = [
            tryRead(schema, bytes, decode),
            tryRead(schema, bytes, fromBinary),
          ];
          expect(ours).toEqual(reference);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("reads any bytes as some message, or refuses them with a RangeError", () => {
    const broken = fc.tuple(messageArbitrary(schema), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(broken, fc.uint8Array({ maxLength: 40 }), ([message, at, byte], noise) => {
        const bytes = toBinary(schema, message);
        bytes[at % Math.max(1, bytes.length)] = byte;
        for (const input of [bytes, noise]) {
          const once = tryRead(schema, input, decode);
          if (once !== undefined) {
            expect(tryRead(schema, once, decode)).toEqual(once);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is made as protobuf-es makes it", () => {
    fc.assert(
      fc.property(messageArbitrary(schema), (message) => {
        const init = strip(message);
        expect(create(schema, init)).toEqual(referenceCreate(schema, init));
        expect(create(schema, message)).toBe(message);
      }),
      { numRuns: 60 },
    );
    expect(create(schema)).toEqual(referenceCreate(schema));
  });

  it("keeps fields that it does not know", () => {
    const extra = new BinaryWriter()
      .tag(1_000, WireType.Varint)
      .uint32(7)
      .tag(1_001, WireType.LengthDelimited)
      .string("later")
      .tag(1_002, WireType.Bit64)
      .double(1.5)
      .finish();
    expect(encode(schema, decode(schema, extra))).toEqual(Buffer.from(extra));
  });
});

it("refuses a value that does not fit its field", () => {
  const find = (name: string) => schemas.find((schema) => schema.name === name) as DescMessage;
  const misfits = [
    ["GenerateRequest", { attempt: -1 }],
    ["GenerateRequest", { attempt: 2 ** 32 }],
    ["UsageEvent", { firstTokenMs: 2 ** 31 }],
    ["UsageEvent", { firstTokenMs: 1.5 }],
    ["UsageEvent", { costNano: 2n ** 63n }],
    ["UsageEvent", { costNano: 5 }],
    ["CatalogChanged", { catalogVersion: -1n }],
    ["UsageEvent", { model: 7 }],
  ] as const;
  for (const [name, misfit] of misfits) {
    expect(() => encode(find(name), misfit as never)).toThrow();
  }
});
