import { metrics } from "@opentelemetry/api";
import type { LinkStats } from "./link-stats.ts";

type Role = "client" | "server";
/** Brings its stats up to date and returns them; called only when metrics are collected. */
export type StatsSource = () => LinkStats;

const sources = { client: new Set<StatsSource>(), server: new Set<StatsSource>() };
/** What ended sources had counted, so that counters never fall. */
const endedTotals = {
  client: new Map<keyof LinkStats, number>(),
  server: new Map<keyof LinkStats, number>(),
};

interface CounterShape {
  readonly name: string;
  readonly unit: string;
  /** What is counted, and the label that says which way it went. */
  readonly parts: readonly (readonly [key: keyof LinkStats, direction?: "in" | "out"])[];
}

const counters: readonly CounterShape[] = [
  {
    name: "fairlead.link.frames",
    unit: "{frame}",
    parts: [
      ["framesIn", "in"],
      ["framesOut", "out"],
    ],
  },
  {
    name: "fairlead.link.io",
    unit: "By",
    parts: [
      ["bytesIn", "in"],
      ["bytesOut", "out"],
    ],
  },
  {
    // frames / batches is the batch size.
    name: "fairlead.link.batches",
    unit: "{message}",
    parts: [
      ["batchesIn", "in"],
      ["batchesOut", "out"],
    ],
  },
  { name: "fairlead.link.resets", unit: "{stream}", parts: [["resets"]] },
  { name: "fairlead.link.reconnects", unit: "{stream}", parts: [["reconnects"]] },
  { name: "fairlead.link.overflows", unit: "{call}", parts: [["overflows"]] },
];

let isRegistered = false;

/** Has a link's numbers reported, as sums over all links of this process; returns how to stop. */
export function reportStats(role: Role, source: StatsSource): () => void {
  register();
  sources[role].add(source);
  return () => {
    if (sources[role].delete(source)) {
      const stats = source();
      for (const [key] of counters.flatMap(({ parts }) => parts)) {
        endedTotals[role].set(key, (endedTotals[role].get(key) ?? 0) + stats[key]);
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
  for (const { name, unit, parts } of counters) {
    meter.createObservableCounter(name, { unit }).addCallback((result) => {
      for (const role of ["client", "server"] as const) {
        for (const [key, direction] of parts) {
          const total = (endedTotals[role].get(key) ?? 0) + sum(role, key);
          result.observe(total, direction === undefined ? { role } : { role, direction });
        }
      }
    });
  }
  const gauges = [
    ["fairlead.link.calls", "{call}", (role: Role) => sum(role, "openCalls")],
    ["fairlead.link.queue", "By", (role: Role) => sum(role, "queueBytes")],
    ["fairlead.link.keepalive.rtt", "s", slowestPing],
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

/** Seconds. */
function slowestPing(role: Role): number {
  let slowestMs = 0;
  for (const source of sources[role]) {
    slowestMs = Math.max(slowestMs, source().pingRoundTripMs);
  }
  return slowestMs / 1_000;
}
