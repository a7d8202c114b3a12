/** The numbers of `FrameKind`; a test holds them to the proto's. */
export const frameKind = {
  open: 1,
  message: 2,
  halfClose: 3,
  cancel: 4,
  end: 5,
  window: 6,
  drain: 7,
  ping: 8,
  pong: 9,
} as const;

/** Keys of Frame's fields on the wire: field number and wire type in one byte. */
export const frameTag = {
  kind: 0x08,
  call: 0x10,
  data: 0x1a,
  method: 0x22,
  deadlineMs: 0x28,
  status: 0x30,
  credit: 0x38,
  metadata: 0x42,
} as const;

/** The `frames` field of ConnectRequest and ConnectResponse, and MetadataEntry's two fields. */
export const framesTag = 0x0a;
export const entryTag = { key: 0x0a, value: 0x12 } as const;

/** What a message takes of its call's window beside its bytes: empty ones are not free either. */
export const messageOverheadBytes = 32;

/** Metadata entries of a frame; a reader refuses more. */
export const metadataEntriesMax = 64;

const noBytes = Buffer.alloc(0);
const noEntries: readonly string[] = [];

/**
 * One decoded frame, as places in the batch that it came in. The decoder fills the same object
 * again for the next frame: what is to outlive the visit must be taken out of it.
 */
export class Frame {
  batch: Buffer = noBytes;
  kind = 0;
  call = 0;
  dataStart = 0;
  dataEnd = 0;
  methodStart = 0;
  methodEnd = 0;
  deadlineMs = 0;
  status = 0;
  credit = 0;
  /** Keys and values in turn. */
  entries: readonly string[] = noEntries;

  reset(batch: Buffer): void {
    this.batch = batch;
    this.kind = 0;
    this.call = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.methodStart = 0;
    this.methodEnd = 0;
    this.deadlineMs = 0;
    this.status = 0;
    this.credit = 0;
    this.entries = noEntries;
  }

  /** A view, no copy. */
  data(): Buffer {
    return this.batch.subarray(this.dataStart, this.dataEnd);
  }

  method(): string {
    return this.batch.toString("utf8", this.methodStart, this.methodEnd);
  }

  entry(key: string): string | undefined {
    // Later entries win, as in a map.
    for (let index = this.entries.length - 2; index >= 0; index -= 2) {
      if (this.entries[index] === key) {
        return this.entries[index + 1];
      }
    }
    return undefined;
  }
}
