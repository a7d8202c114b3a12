import { type Bus, streams, subjects } from "@fairlead/bus";
import { ProbeResultSchema } from "@fairlead/proto/events/v1/events";
import type { Schedule } from "../domain/schedule.ts";

/** As long as the stream keeps them. */
const HISTORY_MS_MAX = 3_600_000;

/**
 * Notes what other probers found, those of before this one's start among them: an endpoint that
 * changes hands is not probed again before its time, which for a paid probe is money.
 */
export function followProbes(
  bus: Pick<Bus, "follow">,
  options: { readonly prober: string; readonly schedule: Schedule; readonly historyMs: number },
): { close(): void } {
  const { prober, schedule } = options;
  return bus.follow(
    ProbeResultSchema,
    {
      stream: streams.health,
      subjects: [subjects.allProbes],
      sinceMs: Math.min(options.historyMs, HISTORY_MS_MAX),
    },
    (result) => {
      if (result.prober !== prober) {
        schedule.note(result.endpointId, result, Number(result.atMs));
      }
    },
  );
}
