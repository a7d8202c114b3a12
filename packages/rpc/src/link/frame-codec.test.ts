import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import { type ConnectRequest, ConnectRequestSchema, FrameKind } from "@fairlead/proto/link/v1/link";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, frameKind } from "./frame.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { FrameWriter } from "./frame-writer.ts";

const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }));
const bytes = fc.uint8Array({ maxLength: 400 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const entry = fc.record({ key: text, value: text });
const anyFrame = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  call: uint32,
  data: bytes,
  method: text,
  deadlineMs: uint32,
  status: uint32,
  credit: uint32,
  metadata: fc.array(entry, { maxLength: 4 }),
});
type PlainFrame = typeof anyFrame extends fc.Arbitrary<infer T> ? T : never;

function toPlain(frame: Frame): PlainFrame {
  const { kind, call, deadlineMs, status, credit, entries } = frame;
  const metadata = [];
  for (let index = 0; index < entries.length; index += 2) {
    metadata.push({ key: entries[index] ?? "", value: entries[index + 1] ?? "" });
  }
  const data = Uint8Array.from(frame.data());
  return { kind, call, data, method: frame.method(), deadlineMs, status, credit, metadata };
}

function decode(batch: Uint8Array): PlainFrame[] {
  const frames: PlainFrame[] = [];
  new FrameDecoder((frame) => frames.push(toPlain(frame))).decode(Buffer.from(batch));
  return frames;
}

function plain(message: ConnectRequest): PlainFrame[] {
  return message.frames.map(({ $typeName, metadata, data, ...rest }) => ({
    ...rest,
    data: Uint8Array.from(data),
    metadata: metadata.map(({ key, value }) => ({ key, value })),
  }));
}

const flatten = (metadata: PlainFrame["metadata"]) =>
  metadata.flatMap(({ key, value }) => [key, value]);
const empty = { data: new Uint8Array(), method: "", deadlineMs: 0, status: 0, credit: 0 };
const noFields = { ...empty, metadata: [] as PlainFrame["metadata"] };

/** Writes a frame in the way of its kind and returns what a reader ought to see. */
function write(writer: FrameWriter, frame: PlainFrame, tag: number): PlainFrame {
  const { call, data, method, deadlineMs, status, credit, metadata } = frame;
  const entries = flatten(metadata);
  switch (frame.kind) {
    case frameKind.open:
      writer.open({ call, method: Buffer.from(method), deadlineMs, credit, entries, data });
      return { ...noFields, kind: 1, call, method, deadlineMs, credit, metadata, data };
    case frameKind.message:
      writer.message(call, data);
      return { ...noFields, kind: 2, call, data };
    case frameKind.halfClose: {
      // A reader sees a whole message where only its field's bytes were given.
      writer.bytesMessage(call, tag, data);
      const length =
        data.length < 128 ? [data.length] : [(data.length & 127) | 128, data.length >> 7];
      return { ...noFields, kind: 2, call, data: Uint8Array.from([tag, ...length, ...data]) };
    }
    case frameKind.end:
      writer.end(call, status, data, entries);
      return { ...noFields, kind: 5, call, status, data, metadata };
    default:
      writer.control(frame.kind, call, credit);
      return { ...noFields, kind: frame.kind, call, credit };
  }
}

describe("frames", () => {
  it("have the proto's kinds", () => {
    expect(frameKind).toEqual({
      open: FrameKind.OPEN,
      message: FrameKind.MESSAGE,
      halfClose: FrameKind.HALF_CLOSE,
      cancel: FrameKind.CANCEL,
      end: FrameKind.END,
      window: FrameKind.WINDOW,
      drain: FrameKind.DRAIN,
      ping: FrameKind.PING,
      pong: FrameKind.PONG,
    });
  });

  it("are read as protobuf-es writes them", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), (frames) => {
        const message = create(ConnectRequestSchema, { frames });
        expect(decode(toBinary(ConnectRequestSchema, message))).toEqual(plain(message));
      }),
    );
  });

  it("are written as protobuf-es reads them", () => {
    const kinds = anyFrame.filter((frame) => frame.kind > 0);
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 8 }),
        fc.integer({ min: 1, max: 15 }),
        (frames, field) => {
          const writer = new FrameWriter();
          const expected = frames.map((frame) => write(writer, frame, (field << 3) | 2));
          const written = Buffer.concat(writer.take());
          expect(plain(fromBinary(ConnectRequestSchema, written))).toEqual(expected);
          expect(decode(written)).toEqual(expected);
        },
      ),
    );
  });

  it("are read past fields that are not known", () => {
    const unknown = fc.constantFrom(
      [0x78, 0x80, 0x01],
      [0x79, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x7a, 2, 9, 9],
      [0x7d, 1, 2, 3, 4],
      [0x82, 0x7d, 0],
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), unknown, unknown, (data, outer, inner) => {
        const body = [...inner, 0x08, 2, ...inner, 0x10, 7, 0x1a, data.length, ...data, ...inner];
        const batch = Uint8Array.from([...outer, 0x0a, body.length, ...body, ...outer]);
        expect(decode(batch)).toEqual([{ ...noFields, kind: 2, call: 7, data }]);
      }),
    );
  });

  it("never do worse than an AppError on bytes that are none", () => {
    const writer = new FrameWriter();
    writer.open({
      call: 70_000,
      method: Buffer.from("/a.B/C"),
      deadlineMs: 9,
      credit: 3,
      entries: ["k", "v"],
      data: Buffer.alloc(20, 7),
    });
    const [valid = Buffer.alloc(0)] = writer.take();
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
      fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([index, value]) => {
        const copy = Buffer.from(valid);
        copy[index] = value;
        return copy;
      }),
    );
    fc.assert(
      fc.property(broken, (batch) => {
        try {
          decode(batch);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("are refused when there are too many in a message, or too many entries in a frame", () => {
    expect(() => decode(Buffer.alloc(2 * 16_385, Buffer.from([0x0a, 0])))).toThrow(AppError);
    const entries = Array.from({ length: 130 }, () => "k");
    const writer = new FrameWriter();
    writer.end(1, 0, Buffer.alloc(0), entries);
    expect(() => decode(Buffer.concat(writer.take()))).toThrow(AppError);
  });
});

describe("batches", () => {
  it("stay under 64 KiB unless one frame is larger, and count what they hold", () => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.integer({ min: 30_000, max: 90_000 })));
    fc.assert(
      fc.property(sizes, (lengths) => {
        const writer = new FrameWriter();
        for (const [index, length] of lengths.entries()) {
          writer.message(index + 1, Buffer.alloc(length, index));
        }
        const { bytes } = writer;
        const batches = writer.take();
        expect(bytes).toBe(batches.reduce((sum, batch) => sum + batch.length, 0));
        expect(writer.bytes).toBe(0);
        const seen = batches.flatMap((batch) => {
          const inBatch = decode(batch);
          expect(batch.length <= 65_536 || inBatch.length === 1).toBe(true);
          return inBatch;
        });
        expect(seen.map(({ call, data }) => [call, data.length, data.at(-1)])).toEqual(
          lengths.map((length, index) => [index + 1, length, length ? index & 255 : undefined]),
        );
      }),
      { numRuns: 50 },
    );
  });
});
