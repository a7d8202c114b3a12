import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { describe, expect, it } from "vitest";
import { WorkerRegistry } from "./worker-registry.ts";

const announcement = (facts: MessageInitShape<typeof WorkerAnnouncementSchema>) =>
  create(WorkerAnnouncementSchema, { worker: "w", pool: "main", providers: ["openai"], ...facts });

describe("WorkerRegistry", () => {
  it("knows a provider while one of its workers is heard", () => {
    const registry = new WorkerRegistry();
    expect(registry.announce(announcement({}), 0)).toBe(true);
    expect(registry.announce(announcement({}), 1_000)).toBe(false);
    expect(registry.poolOf("openai")).toBe("main");
    expect(registry.poolOf("groq")).toBeUndefined();
    expect(registry.refresh(4_000)).toBe(false);
    expect(registry.refresh(4_001)).toBe(true);
    expect(registry.poolOf("openai")).toBeUndefined();
  });

  it("speaks of an emptied pool for a day, and then no more", () => {
    const registry = new WorkerRegistry();
    registry.announce(announcement({ worker: "a" }), 0);
    registry.announce(announcement({ worker: "b", pool: "other" }), 0);
    registry.announce(announcement({ worker: "a" }), 3_001);
    expect(Object.fromEntries(registry.countByPool(3_001))).toEqual({ main: 1, other: 0 });
    expect(Object.fromEntries(registry.countByPool(86_400_001))).toEqual({ main: 1 });
  });

  it("keeps everyone through a time in which nobody could be heard", () => {
    const registry = new WorkerRegistry();
    registry.announce(announcement({ worker: "a" }), 0);
    registry.announce(announcement({ worker: "b", providers: ["groq"] }), 0);
    registry.keepAll(60_000);
    registry.announce(announcement({ worker: "a" }), 61_000);
    expect(registry.poolOf("groq")).toBe("main");
    expect(registry.refresh(63_001)).toBe(true);
    expect(registry.poolOf("groq")).toBeUndefined();
  });

  it("forgets a draining worker at once and chooses pools alike everywhere", () => {
    const registry = new WorkerRegistry();
    registry.announce(announcement({ worker: "b", pool: "zeta" }), 0);
    registry.announce(announcement({ worker: "a", pool: "alpha" }), 0);
    expect(registry.poolOf("openai")).toBe("alpha");
    registry.announce(announcement({ worker: "a", pool: "alpha", isDraining: true }), 10);
    expect(registry.poolOf("openai")).toBe("zeta");
  });

  it("measures what a pool has left", () => {
    const registry = new WorkerRegistry();
    registry.announce(announcement({ worker: "a", capacity: 100, inFlight: 75 }), 0);
    registry.announce(announcement({ worker: "b", capacity: 100, inFlight: 25 }), 0);
    expect(registry.headroomOf("openai")).toBeCloseTo(0.5);
  });
});
