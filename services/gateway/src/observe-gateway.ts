import { metrics } from "@opentelemetry/api";
import type { LeaseBook } from "./domain/lease-book.ts";
import type { UsageOutbox } from "./events/usage-outbox.ts";
import type { UsageSpool } from "./events/usage-spool.ts";
import type { WorkerDirectory } from "./events/worker-directory.ts";
import type { KeyReader } from "./grpc/key-reader.ts";
import type { Planner } from "./grpc/planner.ts";

export interface ObservedParts {
  readonly leases: LeaseBook;
  readonly outbox: UsageOutbox;
  readonly spool: UsageSpool;
  readonly workers: WorkerDirectory;
  readonly planner: Planner;
  readonly keyReader: KeyReader;
}

/** Reports what the parts count themselves: reading costs nothing until somebody scrapes. */
export function observeGateway(parts: ObservedParts): void {
  const { leases, outbox, spool, workers, planner, keyReader } = parts;
  const meter = metrics.getMeter("fairlead.gateway");
  const gauge = (name: string, unit: string, read: () => number) =>
    meter
      .createObservableGauge(`fairlead.gateway.${name}`, { unit })
      .addCallback((result) => result.observe(read()));
  const counter = (name: string, unit: string, read: () => number) =>
    meter
      .createObservableCounter(`fairlead.gateway.${name}`, { unit })
      .addCallback((result) => result.observe(read()));
  gauge("leases", "{lease}", () => leases.totals().leases);
  gauge("leases.closing", "{lease}", () => leases.totals().closing);
  gauge("holds", "{hold}", () => leases.totals().holds);
  gauge("holds.amount", "nUSD", () => Number(leases.totals().heldNano));
  gauge("outbox.depth", "{event}", () => outbox.depth);
  gauge("spool.size", "By", () => spool.bytes);
  gauge("workers", "{worker}", () => workers.readyCount);
  gauge("workers.waiting", "{request}", () => workers.waiting);
  gauge("plans.waiting", "{request}", () => planner.waiting);
  gauge("key_lookups.waiting", "{lookup}", () => keyReader.waiting);
  counter("key_lookups.hurried", "{lookup}", () => keyReader.hurried);
  counter("outbox.lost", "{event}", () => outbox.lost);
  counter("disowned.lost", "{attempt}", () => workers.disownedLost);
  counter("plan.fallbacks", "{plan}", () => planner.fallbacks);
}
