/**
 * Every subject and stream of Fairlead, once. A subject's last token is a shard or an endpoint id,
 * neither of which holds a dot, a space or a wildcard.
 */
export const subjects = {
  /** UsageBatch, gateway (adapter for orphans) → ledger. */
  usage: (shard: number) => `fairlead.usage.v1.${shard}`,
  allUsage: "fairlead.usage.v1.*",
  /** AttemptBatch, adapter → router. */
  attempt: (endpointId: string) => `fairlead.attempt.v1.${endpointId}`,
  allAttempts: "fairlead.attempt.v1.*",
  /** ProbeResult, prober → router and other probers. */
  probe: (endpointId: string) => `fairlead.probe.v1.${endpointId}`,
  allProbes: "fairlead.probe.v1.*",
  /** WorkerAnnouncement, adapter → gateway, router, prober. */
  worker: "fairlead.worker.v1",
  /** ProberAnnouncement, prober → prober. */
  prober: "fairlead.prober.v1",
  /** KeysChanged, ledger → gateway. */
  keysChanged: "fairlead.keys.changed.v1",
  /** LeaseRecall, ledger → gateway. */
  leaseRecall: "fairlead.lease.recall.v1",
  /** CatalogChanged, router → gateway. */
  catalogChanged: "fairlead.catalog.changed.v1",
} as const;

export const streams = {
  /**
   * Bills on their way to Postgres: file, kept beyond their posting so that a restore can replay.
   */
  usage: "FAIRLEAD_USAGE",
  /** Attempts and probes of the last hour: memory. */
  health: "FAIRLEAD_HEALTH",
} as const;
