import { metrics } from "@opentelemetry/api";
import type { LinkStats } from "./link-stats.ts";

type Role = "client" | "server";
/** Brings its stats up to date and returns them; called only when metrics are collected. */
export type StatsSource = () => LinkStats;

const sources = { client: new Set<StatsSource>(), server: new Set<StatsSource>() };
/** What ended sources had counted, so that counters never fall. */
const endedTotals = { client: new Map<string, number>(), server: new Map<string, number>() };

const counters = [
  ["fairlead.link.frames.in", "{frame}", "framesIn"],
  ["fairlead.link.frames.out", "{frame}", "framesOut"],
  ["fairlead.link.bytes.in", "By", "bytesIn"],
  ["fairlead.link.bytes.out", "By", "bytesOut"],
  // frames / batches is the batch size.
  ["fairlead.link.batches.in", "{message}", "batchesIn"],
  ["fairlead.link.batches.out", "{message}", "batchesOut"],
  ["fairlead.link.resets", "{stream}", "resets"],
  ["fairlead.link.reconnects", "{stream}", "reconnects"],
  ["fairlead.link.overflows", "{call}", "overflows"],
] as const satisfies readonly (readonly [string, string, keyof LinkStats])[];

let isRegistered = false;

/** Has a link's numbers reported, as sums over all links of this process; returns how to stop. */
export function reportStats(role: Role, source: StatsSource): () => void {
  register();
  sources[role].add(source);
  return () => {
    if (sources[role].delete(source)) {
      const stats = source();
      for (const [name, , key] of counters) {
        endedTotals[role].set(name, (endedTotals[role].get(name) ?? 0) + stats[key]);
      }
    }
  };
}

/** Once a process, at the first link: by then the meter provider is set. */
function register(): void {
  if (isRegistered) {
    return;
  }
  isRegistered = true;
  const meter = metrics.getMeter("fairlead.link");
  for (const [name, unit, key] of counters) {
    meter.createObservableCounter(name, { unit }).addCallback((result) => {
      for (const role of ["client", "server"] as const) {
        result.observe((endedTotals[role].get(name) ?? 0) + sum(role, key), { role });
      }
    });
  }
  const gauges = [
    ["fairlead.link.calls", "{call}", (role: Role) => sum(role, "openCalls")],
    ["fairlead.link.queue", "By", (role: Role) => sum(role, "queueBytes")],
    ["fairlead.link.keepalive.rtt", "ms", slowestPing],
  ] as const;
  for (const [name, unit, read] of gauges) {
    meter.createObservableGauge(name, { unit }).addCallback((result) => {
      result.observe(read("client"), { role: "client" });
      result.observe(read("server"), { role: "server" });
    });
  }
}

function sum(role: Role, key: keyof LinkStats): number {
  let total = 0;
  for (const source of sources[role]) {
    total += source()[key];
  }
  return total;
}

function slowestPing(role: Role): number {
  let slowest = 0;
  for (const source of sources[role]) {
    slowest = Math.max(slowest, source().pingRoundTripMs);
  }
  return slowest;
}
