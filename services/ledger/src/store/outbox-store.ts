import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { encode } from "@fairlead/proto/wire";
import { inTransaction, type Pool, type Queryable, query } from "@fairlead/db";

export interface OutboxMessage {
  readonly id: bigint;
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** Leaves a message that is sent if, and only if, the caller's transaction commits. */
export async function addToOutbox<T extends DescMessage>(
  client: Queryable,
  schema: T,
  subject: string,
  message: MessageInitShape<T>,
): Promise<void> {
  await query(client, {
    name: "add-to-outbox",
    text: "INSERT INTO outbox (subject, payload) VALUES ($1, $2)",
    values: [subject, Buffer.from(encode(schema, message))],
  });
}

/**
 * Hands over the oldest messages and deletes them once `send` has resolved; when it rejects, they
 * stay. Replicas skip each other's. A crash in between sends them again.
 */
export async function drainOutbox(
  pool: Pool,
  limit: number,
  send: (messages: readonly OutboxMessage[]) => Promise<void>,
): Promise<number> {
  return await inTransaction(pool, async (client) => {
    const rows = await query<OutboxRow>(client, {
      name: "drain-outbox",
      text: `DELETE FROM outbox WHERE outbox_id IN (
          SELECT outbox_id FROM outbox ORDER BY outbox_id LIMIT $1 FOR UPDATE SKIP LOCKED
        ) RETURNING outbox_id, subject, payload`,
      values: [limit],
    });
    rows.sort((left, right) => (left.outbox_id < right.outbox_id ? -1 : 1));
    await send(
      rows.map((row) => ({ id: row.outbox_id, subject: row.subject, payload: row.payload })),
    );
    return rows.length;
  });
}

interface OutboxRow {
  readonly outbox_id: bigint;
  readonly subject: string;
  readonly payload: Uint8Array;
}
