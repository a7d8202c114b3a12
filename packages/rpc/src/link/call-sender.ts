import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import { encodeBytesField, matchBytesField } from "../bytes-field.ts";
import { queueFullError } from "../limits.ts";
import { varintLength } from "../varint.ts";
import { messageOverheadBytes } from "./frame.ts";
import type { FrameChannel } from "./frame-channel.ts";
import { writeEnd } from "./link-error.ts";
import { encodeMessage, type MessageCodec } from "./message-codec.ts";

/** Windows of unsent messages that a call may queue before it is stopped. */
const queueWindows = 4;

type Reply = MessageInitShape<DescMessage> | Uint8Array;

/** The answers of one call on their way out: within the reader's credit, queued beyond it. */
export class CallSender {
  /** Called when sending may go on after `send` returned false. */
  onDrain: (() => void) | undefined;
  /** Called when END has been written, if that was not at once. */
  readonly #onEnded: () => void;
  readonly #channel: FrameChannel;
  readonly #id: number;
  readonly #codec: MessageCodec;
  /** May fall below zero by one message, which is how a message larger than a window gets out. */
  #credit: number;
  #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #writeEnd: (() => void) | undefined;
  #isBlocked = false;
  #isWaiting = false;

  constructor(
    channel: FrameChannel,
    id: number,
    codec: MessageCodec,
    credit: number,
    onEnded: () => void,
  ) {
    this.#channel = channel;
    this.#id = id;
    this.#codec = codec;
    this.#credit = credit;
    this.#onEnded = onEnded;
  }

  /** False when the next message ought to wait; throws when this one cannot be taken. */
  send(message: Reply): boolean {
    const { bytesField } = this.#codec;
    const value = message instanceof Uint8Array ? message : this.#matchBytes(message);
    if (value === undefined || bytesField === undefined) {
      if (message instanceof Uint8Array) {
        throw new AppError("internal", `${this.#codec.schema.typeName} has no bytes field.`);
      }
      this.#sendMessage(encodeMessage(this.#codec, message));
    } else if (this.#mayWrite(value.length)) {
      this.#channel.write().bytesMessage(this.#id, bytesField.tag, value);
      this.#credit -= 1 + varintLength(value.length) + value.length + messageOverheadBytes;
    } else {
      this.#enqueue(encodeBytesField(bytesField, value));
    }
    return this.#mayGoOn();
  }

  /** Writes END behind what is queued; true when it was written at once. */
  end(error: AppError | undefined, detail: Uint8Array | undefined): boolean {
    const write = (): void => writeEnd(this.#channel.write(), this.#id, error, detail);
    if (this.#queue.length > 0) {
      this.#writeEnd = write;
      return false;
    }
    write();
    return true;
  }

  /** Writes END now and drops what is queued. */
  abort(error: AppError, detail?: Uint8Array): void {
    this.close();
    writeEnd(this.#channel.write(), this.#id, error, detail);
  }

  close(): void {
    this.#queue = [];
    this.#queueBytes = 0;
    this.#writeEnd = undefined;
    this.onDrain = undefined;
  }

  receiveCredit(bytes: number): void {
    this.#credit += bytes;
    while (this.#credit > 0) {
      const data = this.#queue.shift();
      if (data === undefined) {
        break;
      }
      this.#queueBytes -= data.length + messageOverheadBytes;
      this.#write(data);
    }
    if (this.#queue.length === 0 && this.#writeEnd !== undefined) {
      this.#writeEnd();
      this.#writeEnd = undefined;
      this.#onEnded();
      return;
    }
    this.#resume();
  }

  /** The stream's own queue is short again. */
  relieved(): void {
    this.#isWaiting = false;
    this.#resume();
  }

  #matchBytes(message: MessageInitShape<DescMessage>): Uint8Array | undefined {
    const { bytesField } = this.#codec;
    return bytesField === undefined ? undefined : matchBytesField(bytesField, message);
  }

  #sendMessage(data: Uint8Array): void {
    if (this.#mayWrite(data.length)) {
      this.#write(data);
    } else {
      this.#enqueue(data);
    }
  }

  /** Whether it goes out now; throws when it never may. */
  #mayWrite(bytes: number): boolean {
    if (bytes > this.#channel.limits.messageBytesMax) {
      throw new AppError("payload_too_large", "The answer is larger than a message may be.");
    }
    if (!this.#channel.hasRoom(bytes)) {
      throw this.#overflow();
    }
    // What is queued leaves as soon as there is credit, so with credit nothing is queued.
    return this.#credit > 0;
  }

  #write(data: Uint8Array): void {
    this.#channel.write().message(this.#id, data);
    this.#credit -= data.length + messageOverheadBytes;
  }

  #enqueue(data: Uint8Array): void {
    const bytes = data.length + messageOverheadBytes;
    const bytesMax = queueWindows * this.#channel.limits.windowBytes;
    if (this.#queue.length > 0 && this.#queueBytes + bytes > bytesMax) {
      throw this.#overflow();
    }
    this.#queue.push(data);
    this.#queueBytes += bytes;
  }

  #overflow(): AppError {
    this.#channel.stats.overflows += 1;
    return queueFullError();
  }

  #mayGoOn(): boolean {
    if (this.#credit > 0 && !this.#channel.isCongested) {
      return true;
    }
    this.#isBlocked = true;
    this.#waitIfCongested();
    return false;
  }

  #waitIfCongested(): boolean {
    if (!this.#channel.isCongested) {
      return false;
    }
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#channel.waitForRelief(this);
    }
    return true;
  }

  #resume(): void {
    if (this.#isBlocked && this.#credit > 0 && !this.#waitIfCongested()) {
      this.#isBlocked = false;
      this.onDrain?.();
    }
  }
}
