import { metrics } from "@opentelemetry/api";

export interface ProberCounts {
  up: number;
  down: number;
  /** Probes that said nothing, because the worker did not answer. */
  probeFailures: number;
  /** Rounds in which the router did not answer. */
  roundFailures: number;
}

export interface ProberGauges {
  /** Probes under way. */
  readonly running: () => number;
  /** Live probers, this one included. */
  readonly peers: () => number;
}

export function createProberCounts({ running, peers }: ProberGauges): ProberCounts {
  const counts: ProberCounts = { up: 0, down: 0, probeFailures: 0, roundFailures: 0 };
  const meter = metrics.getMeter("fairlead.prober");
  meter
    .createObservableCounter("fairlead.prober.probes", {
      description: "Probes by what came of them",
      unit: "{probe}",
    })
    .addCallback((result) => {
      result.observe(counts.up, { outcome: "up" });
      result.observe(counts.down, { outcome: "down" });
      result.observe(counts.probeFailures, { outcome: "failed" });
    });
  meter
    .createObservableCounter("fairlead.prober.round_failures", {
      description: "Rounds without an answer of the router",
      unit: "{round}",
    })
    .addCallback((result) => result.observe(counts.roundFailures));
  meter
    .createObservableGauge("fairlead.prober.running", {
      description: "Probes under way",
      unit: "{probe}",
    })
    .addCallback((result) => result.observe(running()));
  meter
    .createObservableGauge("fairlead.prober.peers", {
      description: "Probers that share the endpoints, this one included",
      unit: "{prober}",
    })
    .addCallback((result) => result.observe(peers()));
  return counts;
}
