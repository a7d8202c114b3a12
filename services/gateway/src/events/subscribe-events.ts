import { type Bus, subjects } from "@fairlead/bus";
import {
  CatalogChangedSchema,
  KeysChangedSchema,
  LeaseRecallSchema,
  WorkerAnnouncementSchema,
} from "@fairlead/proto/events/v1/events";
import type { KeyCache } from "../domain/key-cache.ts";
import type { LeaseBook } from "../domain/lease-book.ts";
import type { CatalogReader } from "../grpc/catalog-reader.ts";
import type { WorkerDirectory } from "./worker-directory.ts";

export interface EventTargets {
  readonly workers: Pick<WorkerDirectory, "announce">;
  readonly keys: Pick<KeyCache, "forget">;
  readonly leases: Pick<LeaseBook, "recall">;
  readonly catalog: Pick<CatalogReader, "expire">;
}

/** Everything that the gateway is told by others. */
export function subscribeEvents(bus: Bus, targets: EventTargets): void {
  const { workers, keys, leases, catalog } = targets;
  bus.subscribe(WorkerAnnouncementSchema, subjects.worker, (it) => workers.announce(it));
  bus.subscribe(KeysChangedSchema, subjects.keysChanged, (it) => {
    keys.forget(it.keyIds, it.accountId);
  });
  bus.subscribe(LeaseRecallSchema, subjects.leaseRecall, (it) => {
    leases.recall(it.leaseIds, it.accountId);
  });
  bus.subscribe(CatalogChangedSchema, subjects.catalogChanged, () => catalog.expire());
}
