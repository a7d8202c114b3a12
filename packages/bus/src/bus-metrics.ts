import { metrics } from "@opentelemetry/api";

/** Plain numbers on the hot path; read when a scrape asks. */
export interface BusCounts {
  published: number;
  /** Fire-and-forget messages lost because there was no connection. */
  dropped: number;
  acknowledged: number;
  publishFailures: number;
  consumed: number;
  retried: number;
  poison: number;
  reconnects: number;
}

const outcomes = [
  ["published", "published"],
  ["dropped", "dropped"],
  ["acknowledged", "acknowledged"],
  ["publishFailures", "publish_failed"],
  ["consumed", "consumed"],
  ["retried", "retried"],
  ["poison", "poison"],
] as const satisfies readonly (readonly [keyof BusCounts, string])[];

export function createBusCounts(isConnected: () => boolean): BusCounts {
  const counts: BusCounts = {
    published: 0,
    dropped: 0,
    acknowledged: 0,
    publishFailures: 0,
    consumed: 0,
    retried: 0,
    poison: 0,
    reconnects: 0,
  };
  const meter = metrics.getMeter("fairlead.bus");
  const messages = meter.createObservableCounter("fairlead.bus.messages", {
    description: "Messages by what became of them",
    unit: "{message}",
  });
  messages.addCallback((result) => {
    for (const [key, outcome] of outcomes) {
      result.observe(counts[key], { outcome });
    }
  });
  meter
    .createObservableCounter("fairlead.bus.reconnects", {
      description: "Connections to NATS that came back",
      unit: "{connection}",
    })
    .addCallback((result) => result.observe(counts.reconnects));
  meter
    .createObservableGauge("fairlead.bus.connected", { description: "1 while connected to NATS" })
    .addCallback((result) => result.observe(isConnected() ? 1 : 0));
  return counts;
}
