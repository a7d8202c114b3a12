import { isUtf8 } from "node:buffer";
import type { UnknownField } from "@bufbuild/protobuf";

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** A message with room for fields of a newer schema. */
interface Extensible {
  $unknown?: UnknownField[] | undefined;
}

/** Reads the protobuf wire format. Throws RangeError on bytes that are none, or cut off. */
export class WireReader {
  readonly #buffer: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get position(): number {
    return this.#position;
  }

  /** Also tags. Of a longer varint the low 32 bits, as the format demands. */
  uint32(): number {
    const buffer = this.#buffer;
    let position = this.#position;
    let byte = buffer[position] ?? cutOff();
    position += 1;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 63) {
        throw new RangeError("a varint of more than ten bytes");
      }
      byte = buffer[position] ?? cutOff();
      position += 1;
      if (shift < 32) {
        value |= (byte & 0x7f) << shift;
      }
    }
    this.#position = position;
    return value >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  uint64(): bigint {
    const buffer = this.#buffer;
    let position = this.#position;
    let value = 0;
    let factor = 1;
    // Seven bytes are 49 bits, which a double holds exactly.
    for (let count = 0; count < 7; count += 1) {
      const byte = buffer[position] ?? cutOff();
      position += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.#position = position;
        return BigInt(value);
      }
      factor *= 0x80;
    }
    let big = BigInt(value);
    for (let shift = 49n; shift <= 63n; shift += 7n) {
      const byte = buffer[position] ?? cutOff();
      position += 1;
      big |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#position = position;
        return BigInt.asUintN(64, big);
      }
    }
    throw new RangeError("a varint of more than ten bytes");
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  double(): number {
    const position = this.#position;
    this.#position = this.#within(position + 8);
    return this.#buffer.readDoubleLE(position);
  }

  string(): string {
    const end = this.end();
    const value = this.#buffer.toString("utf8", this.#position, end);
    // What is no UTF-8 was replaced by this character, which may as well have been sent.
    if (value.includes("\ufffd") && !isUtf8(this.#buffer.subarray(this.#position, end))) {
      throw new RangeError("a string that is not UTF-8");
    }
    this.#position = end;
    return value;
  }

  /** A view of what is read, not a copy. */
  bytes(): Uint8Array {
    const end = this.end();
    // No Buffer: the `slice` of one is no copy.
    const { buffer, byteOffset } = this.#buffer;
    const value = new Uint8Array(buffer, byteOffset + this.#position, end - this.#position);
    this.#position = end;
    return value;
  }

  /** Where the value ends whose length comes next. */
  end(): number {
    const length = this.uint32();
    return this.#within(this.#position + length);
  }

  /** To be called when the fields up to `end` are read. */
  close(end: number): void {
    if (this.#position !== end) {
      throw new RangeError("a field reaches over the end of its message");
    }
  }

  /** Keeps a field that the schema does not know. */
  unknown(tag: number, message: Extensible): void {
    const start = this.#position;
    this.skip(tag);
    const data = this.#buffer.subarray(start, this.#position);
    message.$unknown ??= [];
    message.$unknown.push({ no: tag >>> 3, wireType: tag & 7, data });
  }

  skip(tag: number): void {
    if (tag >>> 3 === 0) {
      throw new RangeError("a field without a number");
    }
    switch (tag & 7) {
      case VARINT:
        this.uint32();
        break;
      case FIXED_64:
        this.#position = this.#within(this.#position + 8);
        break;
      case LENGTH_DELIMITED:
        this.#position = this.end();
        break;
      case FIXED_32:
        this.#position = this.#within(this.#position + 4);
        break;
      default:
        throw new RangeError(`wire type ${tag & 7} is not known`);
    }
  }

  #within(end: number): number {
    return end <= this.#buffer.length ? end : cutOff();
  }
}

function cutOff(): never {
  throw new RangeError("the message is cut off");
}
