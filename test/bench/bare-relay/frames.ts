/** `part`: bytes of an answer, or the body of a request. `end`: the answer is over. */
export const frameType = { part: 1, end: 2 } as const;

export type FrameType = (typeof frameType)[keyof typeof frameType];

/** Call id (4 bytes), length of the payload (4 bytes), both little-endian, and the type. */
const HEAD_BYTES = 9;

/** Gathers frames, and writes those of one turn of the event loop as one message. */
export class FrameSender {
  readonly #write: (message: Buffer) => void;
  #parts: Buffer[] = [];

  constructor(write: (message: Buffer) => void) {
    this.#write = write;
  }

  send(callId: number, type: FrameType, payload: Buffer): void {
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    head.writeUInt32LE(callId, 0);
    head.writeUInt32LE(payload.length, 4);
    head[8] = type;
    this.#parts.push(head, payload);
    if (this.#parts.length === 2) {
      setImmediate(() => {
        const parts = this.#parts;
        this.#parts = [];
        this.#write(Buffer.concat(parts));
      });
    }
  }
}

/** Calls `onFrame` for each frame of a message, which holds whole frames only. */
export function readFrames(
  message: Buffer,
  onFrame: (callId: number, type: number, payload: Buffer) => void,
): void {
  let offset = 0;
  while (offset < message.length) {
    const start = offset + HEAD_BYTES;
    const end = start + message.readUInt32LE(offset + 4);
    onFrame(message.readUInt32LE(offset), message[offset + 8] ?? 0, message.subarray(start, end));
    offset = end;
  }
}
