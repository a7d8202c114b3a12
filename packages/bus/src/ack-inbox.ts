import { TransientMap } from "@fairlead/kit";
import { createInbox, type MsgHdrs, type NatsConnection } from "@nats-io/nats-core";

/** What JetStream answers to a published message. */
interface PublishAck {
  readonly stream?: string;
  readonly error?: { readonly description?: string };
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Publishes to streams and waits for their word. The client's own request takes a stack trace and
 * several promises for each message; this is one subscription and a table.
 */
export class AckInbox {
  readonly #connection: NatsConnection;
  readonly #prefix = createInbox();
  readonly #waiters = new TransientMap<string, Waiter>();
  #count = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    connection.subscribe(`${this.#prefix}.*`, {
      callback: (error, message) => {
        if (error === null) {
          this.#settle(message.subject, readFailure(message.headers?.code, message.data));
        }
      },
    });
  }

  publish(
    subject: string,
    payload: Uint8Array,
    headers: MsgHdrs,
    timeoutMs: number,
  ): Promise<void> {
    this.#count += 1;
    const reply = `${this.#prefix}.${this.#count}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle(reply, `no answer within ${timeoutMs} ms`);
      }, timeoutMs);
      this.#waiters.set(reply, { resolve, reject, timer });
      try {
        this.#connection.publish(subject, payload, { reply, headers });
      } catch (error) {
        this.#settle(reply, String(error));
      }
    });
  }

  #settle(reply: string, failure: string | undefined): void {
    const waiter = this.#waiters.get(reply);
    if (waiter === undefined) {
      return;
    }
    this.#waiters.delete(reply);
    clearTimeout(waiter.timer);
    if (failure === undefined) {
      waiter.resolve();
    } else {
      waiter.reject(new Error(failure));
    }
  }
}

function readFailure(code: number | undefined, data: Uint8Array): string | undefined {
  if (code !== undefined && code >= 400) {
    return `no stream takes it (${code})`;
  }
  try {
    const { stream, error } = JSON.parse(new TextDecoder().decode(data)) as PublishAck;
    return stream === undefined ? (error?.description ?? "it was not stored") : undefined;
  } catch {
    return "the answer is not readable";
  }
}
