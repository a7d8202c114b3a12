import { create } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import { CatalogChangedSchema, WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import type { RouterState } from "../router-state.ts";

const refreshMs = 500;

export interface WorkerFeed {
  close(): void;
}

/**
 * Keeps the registry of live workers by their announcements; silence removes one. When a provider
 * comes or goes, what can be called has changed, and those who list the models are told.
 */
export function followWorkers(bus: Bus, state: RouterState): WorkerFeed {
  const tell = (isChanged: boolean): void => {
    if (isChanged) {
      const message = create(CatalogChangedSchema, { catalogVersion: state.catalog.version });
      bus.publish(CatalogChangedSchema, subjects.catalogChanged, message);
    }
  };
  const subscription = bus.subscribe(WorkerAnnouncementSchema, subjects.worker, (announcement) =>
    tell(state.workers.announce(announcement, state.now())),
  );
  const timer = setInterval(() => {
    if (bus.isConnected) {
      tell(state.workers.refresh(state.now()));
    } else {
      state.workers.keepAll(state.now());
    }
  }, refreshMs);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      subscription.close();
    },
  };
}
