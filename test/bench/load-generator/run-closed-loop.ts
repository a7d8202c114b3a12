import type { ClosedLoopJob, JobResult } from "./job.ts";
import { openConnections } from "./open-connections.ts";
import { Tally } from "./tally.ts";

export async function runClosedLoop(job: ClosedLoopJob): Promise<JobResult> {
  const request = Buffer.from(job.request);
  const requestsMax = job.requestsMax ?? Number.POSITIVE_INFINITY;
  const tally = new Tally(job);
  const { promise, resolve } = Promise.withResolvers<number>();
  let endsAt = Number.POSITIVE_INFINITY;
  let underWay = 0;

  /** The last answer under way ends the job, so that none is left half served. */
  function leave(now: number): void {
    underWay -= 1;
    if (underWay === 0) {
      resolve(now);
    }
  }

  const connections = await openConnections(job.address, job.connections, {
    firstContent: (connection, now) => tally.firstContent(connection, now),
    progress: (_, gapMs) => tally.progress(gapMs),
    complete: (connection, now) => {
      tally.complete(connection, now);
      if (now < endsAt && tally.requests + underWay <= requestsMax) {
        connection.send(request, now);
      } else {
        leave(now);
      }
    },
    broken: () => {
      tally.broken();
      leave(performance.now());
    },
  });
  const startedAt = performance.now();
  endsAt = startedAt + job.durationMs;
  underWay = connections.length;
  for (const connection of connections) {
    connection.send(request, performance.now());
  }
  const endedAt = await promise;
  for (const connection of connections) {
    connection.close();
  }
  return tally.toResult(endedAt - startedAt);
}
