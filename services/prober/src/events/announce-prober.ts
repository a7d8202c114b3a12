import { create } from "@bufbuild/protobuf";
import { type Bus, subjects } from "@fairlead/bus";
import { ProberAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import type { ProberPeers } from "../domain/prober-peers.ts";

const INTERVAL_MS = 1_000;

export interface ProberAnnouncer {
  /** Says goodbye: the others take over at once. */
  leave(): void;
}

/** Tells the other probers every second that this one is there, and hears them. */
export function announceProber(
  bus: Pick<Bus, "publish" | "subscribe">,
  prober: string,
  peers: ProberPeers,
): ProberAnnouncer {
  const tell = (isLeaving: boolean) => {
    const announcement = create(ProberAnnouncementSchema, { prober, isLeaving });
    bus.publish(ProberAnnouncementSchema, subjects.prober, announcement);
  };
  const subscription = bus.subscribe(ProberAnnouncementSchema, subjects.prober, (it) =>
    peers.hear(it.prober, it.isLeaving, Date.now()),
  );
  tell(false);
  const timer = setInterval(() => tell(false), INTERVAL_MS);
  let hasLeft = false;
  return {
    leave() {
      if (!hasLeft) {
        hasLeft = true;
        clearInterval(timer);
        subscription.close();
        tell(true);
      }
    },
  };
}
