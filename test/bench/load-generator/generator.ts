import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job, JobResult } from "./job.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
const GRACE_MS = 60_000;

type Message = { readonly result: JobResult } | { readonly error: string };

/** A load generator in a process of its own, so that its CPU is not counted and does not wait. */
export interface Generator {
  run(job: Job): Promise<JobResult>;
  close(): void;
}

export function startGenerator(): Generator {
  // Without the parent's environment: no profiler of the services must run here.
  const child = fork(WORKER, { execArgv: ["--disable-warning=ExperimentalWarning"], env: {} });
  return {
    run: (job) => runJob(child, job),
    close: () => child.disconnect(),
  };
}

function runJob(child: ChildProcess, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail("did not end in time"), job.durationMs + GRACE_MS);
    const onExit = (): void => fail("died");
    const onMessage = (message: Message): void => {
      cleanUp();
      if ("error" in message) {
        reject(new Error(`load generator: ${message.error}`));
      } else {
        resolve(message.result);
      }
    };
    function cleanUp(): void {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
    }
    function fail(what: string): void {
      cleanUp();
      reject(new Error(`the load generator ${what}`));
    }
    child.once("message", onMessage);
    child.once("exit", onExit);
    child.send(job);
  });
}
