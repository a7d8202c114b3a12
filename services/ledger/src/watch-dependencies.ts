import { type Pool, query } from "@fairlead/db";
import type { Readiness } from "@fairlead/kit";

const PERIOD_MS = 1_000;

export interface WatchedDependencies {
  readonly pool: Pool;
  readonly bus: { readonly isConnected: boolean };
}

/**
 * Reports both dependencies every second. Only Postgres decides: without the bus the ledger still
 * answers, and must stay reachable, since usage then comes by gRPC. Returns what ends it.
 */
export function watchDependencies(
  readiness: Readiness,
  { pool, bus }: WatchedDependencies,
): () => void {
  let isLooking = false;
  async function look(): Promise<void> {
    readiness.report("nats", true, bus.isConnected ? "ready" : "not connected");
    if (isLooking) {
      return;
    }
    isLooking = true;
    try {
      await query(pool, { name: "ping", text: "SELECT 1" });
      readiness.report("postgres", true);
    } catch {
      readiness.report("postgres", false, "does not answer");
    } finally {
      isLooking = false;
    }
  }
  readiness.report("postgres", true);
  const timer = setInterval(() => void look(), PERIOD_MS);
  void look();
  return () => clearInterval(timer);
}
