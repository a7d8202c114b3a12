import type { Connection } from "./connection.ts";
import type { JobResult, OpenLoopJob } from "./job.ts";
import { openConnections } from "./open-connections.ts";
import { Tally } from "./tally.ts";

const TICK_MS = 1;
const DRAIN_POLL_MS = 5;
const DRAIN_MAX_MS = 10_000;

/**
 * Starts requests by the clock. One that finds no free connection waits, and its wait counts: a
 * slow answer can not hide the requests that it kept from being sent.
 */
export async function runOpenLoop(job: OpenLoopJob): Promise<JobResult> {
  const request = Buffer.from(job.request);
  const tally = new Tally();
  const idle: Connection[] = [];
  const due: number[] = [];
  const connections = await openConnections(job.address, job.connections, {
    firstContent: (connection, now) => tally.firstContent(connection, now),
    progress: (_, gapMs) => tally.progress(gapMs),
    complete: (connection, now) => {
      tally.complete(connection, now);
      const next = due.shift();
      if (next === undefined) {
        idle.push(connection);
      } else {
        connection.send(request, next);
      }
    },
    broken: () => tally.broken(),
  });
  idle.push(...connections);
  const startedAt = performance.now();
  const total = Math.floor((job.rate * job.durationMs) / 1000);
  let started = 0;
  while (started < total) {
    const now = performance.now();
    while (started < total && startedAt + (started * 1000) / job.rate <= now) {
      const dueAt = startedAt + (started * 1000) / job.rate;
      started += 1;
      const connection = idle.pop();
      if (connection === undefined) {
        due.push(dueAt);
      } else {
        connection.send(request, dueAt);
      }
    }
    await sleep(TICK_MS);
  }
  const drainEndsAt = performance.now() + DRAIN_MAX_MS;
  while (connections.some(({ isBusy }) => isBusy) && performance.now() < drainEndsAt) {
    await sleep(DRAIN_POLL_MS);
  }
  const elapsedMs = performance.now() - startedAt;
  for (const connection of connections) {
    connection.close();
  }
  return tally.toResult(elapsedMs);
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
