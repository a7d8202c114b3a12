import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { decode as decodeMessage } from "@fairlead/proto/wire";
import type { TraceParent } from "@fairlead/kit";
import type { MsgHdrs } from "@nats-io/nats-core";

export const TRACEPARENT = "traceparent";

export interface MessageMeta {
  readonly subject: string;
  readonly traceparent: TraceParent | undefined;
}

interface RawMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs | undefined;
}

export type Decoded<T extends DescMessage> =
  | { readonly isGood: true; readonly message: MessageShape<T>; readonly meta: MessageMeta }
  | { readonly isGood: false; readonly error: unknown };

/** An unreadable message is a value: one bad publisher must not stop a consumer. */
export function decode<T extends DescMessage>(schema: T, raw: RawMessage): Decoded<T> {
  try {
    const traceparent = raw.headers?.get(TRACEPARENT) || undefined;
    const message = decodeMessage(schema, raw.data);
    return { isGood: true, message, meta: { subject: raw.subject, traceparent } };
  } catch (error) {
    return { isGood: false, error };
  }
}
