import { setTimeout as sleep } from "node:timers/promises";
import { Connection, type ConnectionEvents } from "./connection.ts";
import type { HoldJob, JobResult } from "./job.ts";
import { Tally } from "./tally.ts";

const BATCH_MS = 20;

/** Opens many streams, a few at a time, and watches each for gaps until the time is up. */
export async function runHold(job: HoldJob): Promise<JobResult> {
  const request = Buffer.from(job.request);
  const tally = new Tally(job);
  const events: ConnectionEvents = {
    firstContent: (connection, now) => tally.firstContent(connection, now),
    progress: (_, gapMs) => tally.progress(gapMs),
    // An answer that ends early is replaced, so that the number of streams stays.
    complete: (connection, now) => {
      tally.complete(connection, now);
      connection.send(request, now);
    },
    broken: () => tally.broken(),
  };
  const startedAt = performance.now();
  const connections: Connection[] = [];
  const batch = Math.max(1, Math.ceil((job.connections * BATCH_MS) / Math.max(job.rampMs, 1)));
  while (connections.length < job.connections) {
    const size = Math.min(batch, job.connections - connections.length);
    for (let index = 0; index < size; index += 1) {
      const opened = (connection: Connection): void => connection.send(request, performance.now());
      connections.push(new Connection(job.address, events, opened));
    }
    await sleep(BATCH_MS);
  }
  await sleep(job.durationMs);
  const elapsedMs = performance.now() - startedAt;
  for (const connection of connections) {
    tally.abandon(connection);
    connection.close();
  }
  return tally.toResult(elapsedMs);
}
