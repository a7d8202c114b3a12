import type { UnknownField } from "@bufbuild/protobuf";

const INITIAL_BYTES = 16 * 1024;
/** A buffer that one huge message made is not kept. */
const KEPT_BYTES_MAX = 1024 * 1024;
/** Up to here a loop over ASCII beats a call into C++. */
const SHORT_TEXT_MAX = 48;
const TWO_32 = 0x1_0000_0000;
const SAFE_INTEGER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Writes the protobuf wire format into one buffer that is used again for each message. Each
 * method takes the field's tag, (number << 3) | wire type, as one number, and throws RangeError (or
 * TypeError) on a value that is not of its type.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #position = 0;

  /** Forgets what was written, also half a message that failed. */
  reset(): void {
    this.#position = 0;
  }

  /** What was written since the reset, as a buffer of its own. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#position);
    this.#buffer.copy(bytes, 0, 0, this.#position);
    if (this.#buffer.length > KEPT_BYTES_MAX) {
      this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    }
    return bytes;
  }

  uint32(tag: number, value: number): void {
    if (value >>> 0 !== value) {
      throw misfit(value, "uint32");
    }
    this.#reserve(10);
    this.#varint(tag);
    this.#varint(value);
  }

  /** Also enums: a negative number takes ten bytes. */
  int32(tag: number, value: number): void {
    if ((value | 0) !== value) {
      throw misfit(value, "int32");
    }
    if (value >= 0) {
      this.uint32(tag, value);
    } else {
      this.int64(tag, BigInt(value));
    }
  }

  int64(tag: number, value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw misfit(value, "int64");
    }
    this.uint64(tag, BigInt.asUintN(64, value));
  }

  uint64(tag: number, value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) {
      throw misfit(value, "uint64");
    }
    this.#reserve(15);
    this.#varint(tag);
    if (value <= SAFE_INTEGER_MAX) {
      this.#safeVarint(Number(value));
    } else {
      this.#bigVarint(value);
    }
  }

  bool(tag: number, value: boolean): void {
    this.#reserve(6);
    this.#varint(tag);
    this.#buffer[this.#position] = value ? 1 : 0;
    this.#position += 1;
  }

  double(tag: number, value: number): void {
    this.#reserve(13);
    this.#varint(tag);
    this.#position = this.#buffer.writeDoubleLE(value, this.#position);
  }

  string(tag: number, value: string): void {
    const { length } = value;
    if (length <= SHORT_TEXT_MAX) {
      this.#reserve(6 + 3 * length);
      this.#varint(tag);
      this.#shortText(value, length);
      return;
    }
    const bytes = Buffer.byteLength(value);
    this.#reserve(10 + bytes);
    this.#varint(tag);
    this.#varint(bytes);
    this.#position += this.#buffer.write(value, this.#position, bytes, "utf8");
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#reserve(10 + value.length);
    this.#varint(tag);
    this.#varint(value.length);
    this.#buffer.set(value, this.#position);
    this.#position += value.length;
  }

  /** Bytes that are wire format already. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#position);
    this.#position += value.length;
  }

  /** Begins a nested message; its fields follow, then `end` with what this returned. */
  begin(tag: number): number {
    this.#reserve(6);
    this.#varint(tag);
    // One byte for the length: most nested messages are short, and the others are moved.
    this.#position += 1;
    return this.#position;
  }

  end(start: number): void {
    const length = this.#position - start;
    if (length < 0x80) {
      this.#buffer[start - 1] = length;
      return;
    }
    let extra = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) {
      extra += 1;
    }
    this.#reserve(extra);
    this.#buffer.copyWithin(start + extra, start, this.#position);
    this.#position = start - 1;
    this.#varint(length);
    this.#position += length;
  }

  /** Fields of a newer schema, as they came. */
  unknown(fields: readonly UnknownField[]): void {
    for (const { no, wireType, data } of fields) {
      this.#reserve(5 + data.length);
      this.#varint(((no << 3) | wireType) >>> 0);
      this.#buffer.set(data, this.#position);
      this.#position += data.length;
    }
  }

  #shortText(value: string, length: number): void {
    const buffer = this.#buffer;
    const start = this.#position + 1;
    for (let index = 0; index < length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) {
        const bytes = Buffer.byteLength(value);
        this.#varint(bytes);
        this.#position += buffer.write(value, this.#position, bytes, "utf8");
        return;
      }
      buffer[start + index] = unit;
    }
    buffer[start - 1] = length;
    this.#position = start + length;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let position = this.#position;
    let rest = value;
    while (rest > 0x7f) {
      buffer[position] = (rest & 0x7f) | 0x80;
      position += 1;
      rest >>>= 7;
    }
    buffer[position] = rest;
    this.#position = position + 1;
  }

  #safeVarint(value: number): void {
    let rest = value;
    while (rest >= TWO_32) {
      this.#buffer[this.#position] = (rest % 0x80) | 0x80;
      this.#position += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#varint(rest);
  }

  #bigVarint(value: bigint): void {
    let rest = value;
    while (rest > SAFE_INTEGER_MAX) {
      this.#buffer[this.#position] = Number(rest & 0x7fn) | 0x80;
      this.#position += 1;
      rest >>= 7n;
    }
    this.#safeVarint(Number(rest));
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, this.#position);
      this.#buffer = grown;
    }
  }
}

function misfit(value: unknown, type: string): RangeError {
  return new RangeError(`${String(value)} is no ${type}`);
}
