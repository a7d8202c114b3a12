import { metrics } from "@opentelemetry/api";
import type pg from "pg";

/**
 * Until the pool ends: connections by state and callers that wait for one (OpenTelemetry's database
 * conventions).
 */
export function observePool(pool: pg.Pool, poolName: string): void {
  const meter = metrics.getMeter("fairlead.db");
  const attributes = { "db.client.connection.pool.name": poolName };
  meter
    .createObservableGauge("db.client.connection.count", { unit: "{connection}" })
    .addCallback((result) => {
      if (pool.ended) {
        return;
      }
      result.observe(pool.idleCount, { ...attributes, "db.client.connection.state": "idle" });
      const usedCount = pool.totalCount - pool.idleCount;
      result.observe(usedCount, { ...attributes, "db.client.connection.state": "used" });
    });
  meter
    .createObservableGauge("db.client.connection.pending_requests", { unit: "{request}" })
    .addCallback((result) => {
      if (!pool.ended) {
        result.observe(pool.waitingCount, attributes);
      }
    });
}
