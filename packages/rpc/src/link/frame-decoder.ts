import { AppError } from "@fairlead/errors";
import { entryTag, Frame, frameTag, framesTag, metadataEntriesMax } from "./frame.ts";

// The batches that we write hold at most about 11,000 frames, the smallest there are.
const framesMax = 16_384;

const noBytes = Buffer.alloc(0);

/**
 * Reads batches (an encoded ConnectRequest or ConnectResponse each) frame by frame, without
 * building anything: about a tenth of what protobuf-es takes. Unknown fields are skipped, and
 * whatever is no valid encoding throws an AppError.
 */
export class FrameDecoder {
  readonly #frame = new Frame();
  readonly #visit: (frame: Frame) => void;
  #bytes: Buffer = noBytes;
  #position = 0;

  constructor(visit: (frame: Frame) => void) {
    this.#visit = visit;
  }

  /** Visits each frame of the batch and returns how many there were. */
  decode(batch: Buffer): number {
    this.#bytes = batch;
    this.#position = 0;
    let count = 0;
    while (this.#position < batch.length) {
      const tag = this.#varint(batch.length);
      if (tag !== framesTag) {
        this.#skip(tag, batch.length);
        continue;
      }
      count += 1;
      if (count > framesMax) {
        throw malformed("too many frames in one message");
      }
      this.#readFrame(this.#lengthEnd(batch.length));
      this.#visit(this.#frame);
    }
    this.#bytes = noBytes;
    this.#frame.reset(noBytes);
    return count;
  }

  #readFrame(end: number): void {
    const frame = this.#frame;
    frame.reset(this.#bytes);
    while (this.#position < end) {
      const tag = this.#varint(end);
      switch (tag) {
        case frameTag.kind:
          frame.kind = this.#varint(end);
          break;
        case frameTag.call:
          frame.call = this.#varint(end);
          break;
        case frameTag.data:
          frame.dataEnd = this.#lengthEnd(end);
          frame.dataStart = this.#position;
          this.#position = frame.dataEnd;
          break;
        case frameTag.method:
          frame.methodEnd = this.#lengthEnd(end);
          frame.methodStart = this.#position;
          this.#position = frame.methodEnd;
          break;
        case frameTag.deadlineMs:
          frame.deadlineMs = this.#varint(end);
          break;
        case frameTag.status:
          frame.status = this.#varint(end);
          break;
        case frameTag.credit:
          frame.credit = this.#varint(end);
          break;
        case frameTag.metadata:
          frame.entries = this.#readEntry(frame.entries, this.#lengthEnd(end));
          break;
        default:
          this.#skip(tag, end);
      }
    }
  }

  #readEntry(entries: readonly string[], end: number): readonly string[] {
    if (entries.length >= 2 * metadataEntriesMax) {
      throw malformed("too many metadata entries");
    }
    let key = "";
    let value = "";
    while (this.#position < end) {
      const tag = this.#varint(end);
      if (tag === entryTag.key) {
        key = this.#string(end);
      } else if (tag === entryTag.value) {
        value = this.#string(end);
      } else {
        this.#skip(tag, end);
      }
    }
    return [...entries, key, value];
  }

  #string(end: number): string {
    const stop = this.#lengthEnd(end);
    const text = this.#bytes.toString("utf8", this.#position, stop);
    this.#position = stop;
    return text;
  }

  /** An unsigned 32-bit number; the bits of a longer varint above that are dropped, as anywhere. */
  #varint(end: number): number {
    const bytes = this.#bytes;
    let position = this.#position;
    let byte = position < end ? (bytes[position] ?? 0) : 0x80;
    if (byte < 0x80) {
      this.#position = position + 1;
      return byte;
    }
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (position >= end) {
        throw malformed("it ends within a number");
      }
      byte = bytes[position] ?? 0;
      position += 1;
      if (shift < 32) {
        value |= (byte & 0x7f) << shift;
      }
      if (byte < 0x80) {
        this.#position = position;
        return value >>> 0;
      }
    }
    throw malformed("a number is too long");
  }

  #lengthEnd(end: number): number {
    const length = this.#varint(end);
    return this.#checked(this.#position + length, end);
  }

  #skip(tag: number, end: number): void {
    if (tag >>> 3 === 0) {
      throw malformed("a field has no number");
    }
    switch (tag & 7) {
      case 0:
        this.#varint(end);
        break;
      case 1:
        this.#position = this.#checked(this.#position + 8, end);
        break;
      case 2:
        this.#position = this.#lengthEnd(end);
        break;
      case 5:
        this.#position = this.#checked(this.#position + 4, end);
        break;
      default:
        // Groups, which proto3 does not have, and the two unused wire types.
        throw malformed("a field has a wire type that is none");
    }
  }

  #checked(position: number, end: number): number {
    if (position > end) {
      throw malformed("a field is longer than what holds it");
    }
    return position;
  }
}

function malformed(cause: string): AppError {
  return new AppError("internal", "The peer sent a message that cannot be read.", { cause });
}
