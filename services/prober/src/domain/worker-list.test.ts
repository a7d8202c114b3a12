import { create } from "@bufbuild/protobuf";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { describe, expect, it } from "vitest";
import { WorkerList } from "./worker-list.ts";

function announce(worker: string, inFlight = 0, isDraining = false) {
  return create(WorkerAnnouncementSchema, {
    worker,
    pool: "default",
    address: `127.0.0.1:${worker.length}`,
    providers: ["openai"],
    inFlight,
    isDraining,
  });
}

describe("WorkerList", () => {
  it("finds the least busy worker of the pool that serves the provider", () => {
    const workers = new WorkerList();
    workers.hear(announce("busy", 9), 0);
    workers.hear(announce("idle", 1), 0);
    expect(workers.find("default", "openai", 0)?.worker).toBe("idle");
    expect(workers.find("default", "anthropic", 0)).toBeUndefined();
    expect(workers.find("other", "openai", 0)).toBeUndefined();
  });

  it("forgets a worker that is silent for three seconds, and one that drains at once", () => {
    const workers = new WorkerList();
    workers.hear(announce("a"), 0);
    workers.hear(announce("bb"), 1_000);
    expect(workers.find("default", "openai", 3_500)?.worker).toBe("bb");
    workers.hear(announce("bb", 0, true), 3_500);
    expect(workers.find("default", "openai", 3_500)).toBeUndefined();
  });
});
