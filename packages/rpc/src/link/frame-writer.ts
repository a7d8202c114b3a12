import { varintLength, writeVarint } from "../varint.ts";
import { entryTag, frameKind, frameTag, framesTag } from "./frame.ts";

/** What a batch may grow to; a larger frame travels alone. */
const slabBytes = 65_536;

export interface OpenFrame {
  readonly call: number;
  /** UTF-8 of the method's path. */
  readonly method: Buffer;
  readonly deadlineMs: number;
  /** Window for the answers; 0 = the default. */
  readonly credit: number;
  /** Keys and values in turn. */
  readonly entries: readonly string[];
  readonly data: Uint8Array;
}

/**
 * Encodes frames straight into the batch that will carry them: no object for a frame, and each
 * payload is copied once. Slabs are never written twice, so a batch may wait as long as it must.
 */
export class FrameWriter {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #position = 0;
  #sealed: Buffer[] = [];
  #sealedBytes = 0;

  /** Bytes written and not yet taken. */
  get bytes(): number {
    return this.#sealedBytes + this.#position - this.#start;
  }

  /** The batches written since the last time, in order. */
  take(): Buffer[] {
    this.#seal();
    const batches = this.#sealed;
    this.#sealed = [];
    this.#sealedBytes = 0;
    return batches;
  }

  /** A frame with nothing but a kind, a call and, for WINDOW, a credit. */
  control(kind: number, call: number, credit = 0): void {
    const length = 2 + sizeOfNumber(call) + sizeOfNumber(credit);
    this.#begin(length, kind, call);
    this.#number(frameTag.credit, credit);
  }

  /** MESSAGE with an encoded message. */
  message(call: number, data: Uint8Array): void {
    this.#begin(2 + sizeOfNumber(call) + sizeOfBytes(data.length), frameKind.message, call);
    this.#bytes(frameTag.data, data);
  }

  /** MESSAGE with the message whose only field is `value` under `tag`, which is never built. */
  bytesMessage(call: number, tag: number, value: Uint8Array): void {
    const dataLength = 1 + varintLength(value.length) + value.length;
    const length = 2 + sizeOfNumber(call) + 1 + varintLength(dataLength) + dataLength;
    this.#begin(length, frameKind.message, call);
    this.#slab[this.#position] = frameTag.data;
    this.#position = writeVarint(this.#slab, this.#position + 1, dataLength);
    this.#bytes(tag, value);
  }

  open(frame: OpenFrame): void {
    const { call, method, deadlineMs, credit, entries, data } = frame;
    const length =
      2 +
      sizeOfNumber(call) +
      sizeOfOptionalBytes(data.length) +
      sizeOfBytes(method.length) +
      sizeOfNumber(deadlineMs) +
      sizeOfNumber(credit) +
      sizeOfEntries(entries);
    this.#begin(length, frameKind.open, call);
    this.#optionalBytes(frameTag.data, data);
    this.#bytes(frameTag.method, method);
    this.#number(frameTag.deadlineMs, deadlineMs);
    this.#number(frameTag.credit, credit);
    this.#entries(entries);
  }

  /** END; the message and entries are those of an error. */
  end(call: number, status: number, message: Uint8Array, entries: readonly string[]): void {
    const length =
      2 +
      sizeOfNumber(call) +
      sizeOfOptionalBytes(message.length) +
      sizeOfNumber(status) +
      sizeOfEntries(entries);
    this.#begin(length, frameKind.end, call);
    this.#optionalBytes(frameTag.data, message);
    this.#number(frameTag.status, status);
    this.#entries(entries);
  }

  /** Makes room for a frame whose fields take `length` bytes and writes its first two. */
  #begin(length: number, kind: number, call: number): void {
    const size = 1 + varintLength(length) + length;
    if (this.#slab.length - this.#position < size) {
      this.#seal();
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, size));
      this.#start = 0;
      this.#position = 0;
    }
    const slab = this.#slab;
    slab[this.#position] = framesTag;
    const position = writeVarint(slab, this.#position + 1, length);
    slab[position] = frameTag.kind;
    slab[position + 1] = kind;
    this.#position = position + 2;
    this.#number(frameTag.call, call);
  }

  /** Zero is proto3's default and not written. */
  #number(tag: number, value: number): void {
    if (value !== 0) {
      this.#slab[this.#position] = tag;
      this.#position = writeVarint(this.#slab, this.#position + 1, value);
    }
  }

  #bytes(tag: number, value: Uint8Array): void {
    this.#slab[this.#position] = tag;
    const position = writeVarint(this.#slab, this.#position + 1, value.length);
    this.#slab.set(value, position);
    this.#position = position + value.length;
  }

  #optionalBytes(tag: number, value: Uint8Array): void {
    if (value.length > 0) {
      this.#bytes(tag, value);
    }
  }

  #entries(entries: readonly string[]): void {
    for (let index = 0; index < entries.length; index += 2) {
      const key = entries[index] ?? "";
      const value = entries[index + 1] ?? "";
      this.#slab[this.#position] = frameTag.metadata;
      const length = sizeOfString(key) + sizeOfString(value);
      this.#position = writeVarint(this.#slab, this.#position + 1, length);
      this.#string(entryTag.key, key);
      this.#string(entryTag.value, value);
    }
  }

  #string(tag: number, value: string): void {
    this.#slab[this.#position] = tag;
    const position = writeVarint(this.#slab, this.#position + 1, Buffer.byteLength(value));
    this.#position = position + this.#slab.write(value, position);
  }

  #seal(): void {
    if (this.#position > this.#start) {
      this.#sealed.push(this.#slab.subarray(this.#start, this.#position));
      this.#sealedBytes += this.#position - this.#start;
      this.#start = this.#position;
    }
  }
}

function sizeOfNumber(value: number): number {
  return value === 0 ? 0 : 1 + varintLength(value);
}

function sizeOfBytes(length: number): number {
  return 1 + varintLength(length) + length;
}

function sizeOfOptionalBytes(length: number): number {
  return length === 0 ? 0 : sizeOfBytes(length);
}

function sizeOfString(value: string): number {
  return sizeOfBytes(Buffer.byteLength(value));
}

function sizeOfEntries(entries: readonly string[]): number {
  let size = 0;
  for (let index = 0; index < entries.length; index += 2) {
    size += sizeOfBytes(
      sizeOfString(entries[index] ?? "") + sizeOfString(entries[index + 1] ?? ""),
    );
  }
  return size;
}
