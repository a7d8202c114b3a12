import type { ClosedLoopJob, Job, JobResult } from "../load-generator/job.ts";
import { type ChatBody, type ChatTarget, writeRequest } from "../load-generator/write-request.ts";
import type { Bench } from "./row.ts";

const FAILED_SHARE_MAX = 0.001;

export type ChatJob = ChatBody &
  Pick<ClosedLoopJob, "connections" | "requestsMax" | "hasSamples" | "stallMs"> & {
    readonly durationMs: number;
  };

/** A closed loop of one chat request; fails when not all answers were good. */
export async function runChat(bench: Bench, target: ChatTarget, job: ChatJob): Promise<JobResult> {
  const { connections, durationMs, requestsMax, hasSamples, stallMs } = job;
  return runChecked(bench, {
    kind: "closed",
    address: target.address,
    request: writeRequest(target, job),
    connections,
    durationMs,
    ...(requestsMax === undefined ? {} : { requestsMax }),
    ...(hasSamples === undefined ? {} : { hasSamples }),
    ...(stallMs === undefined ? {} : { stallMs }),
  });
}

/** Runs a job, and refuses its figures when more than one in a thousand requests failed. */
export async function runChecked(bench: Bench, job: Job): Promise<JobResult> {
  const result = await bench.generator.run(job);
  const good = result.statuses["200"] ?? 0;
  const failed = result.requests - good + result.broken;
  if (failed > FAILED_SHARE_MAX * Math.max(1, result.requests)) {
    const statuses = JSON.stringify(result.statuses);
    throw new Error(
      `${failed} of ${result.requests} requests to port ${job.address.port} failed: ` +
        `statuses ${statuses}, ${result.broken} broken; ${result.lastFailure}`,
    );
  }
  return result;
}
