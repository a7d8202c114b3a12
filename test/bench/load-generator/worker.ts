import type { Job, JobResult } from "./job.ts";
import { runClosedLoop } from "./run-closed-loop.ts";
import { runHold } from "./run-hold.ts";
import { runOpenLoop } from "./run-open-loop.ts";

/** The process of the load generator: takes jobs from its parent, one at a time. */
process.on("message", (job: Job) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

function run(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case "closed":
      return runClosedLoop(job);
    case "open":
      return runOpenLoop(job);
    case "hold":
      return runHold(job);
  }
}
