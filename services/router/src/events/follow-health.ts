import { type Bus, streams, subjects } from "@fairlead/bus";
import { AttemptBatchSchema, ProbeResultSchema } from "@fairlead/proto/events/v1/events";
import type { RouterState } from "../router-state.ts";

/**
 * A router that starts knows what happened just before: which endpoints are down, how fast each is.
 */
const historyMs = 5 * 60_000;

export interface HealthFeed {
  close(): void;
}

/** Feeds every attempt and probe of all workers into the health of the endpoints. */
export function followHealth(bus: Bus, state: RouterState): HealthFeed {
  const attempts = bus.follow(
    AttemptBatchSchema,
    { stream: streams.health, subjects: [subjects.allAttempts], sinceMs: historyMs },
    (batch) => state.health.recordAttempts(batch, state.now()),
  );
  const probes = bus.follow(
    ProbeResultSchema,
    { stream: streams.health, subjects: [subjects.allProbes], sinceMs: historyMs },
    (probe) => state.health.recordProbe(probe, state.now()),
  );
  return {
    close() {
      attempts.close();
      probes.close();
    },
  };
}
