import { addresses, baseConfig, integer } from "@fairlead/kit";

export const config = baseConfig.extend({
  /** host:port of the routers' gRPC; a name may have several addresses: all are used. */
  ROUTER_ADDRESS: addresses().default(["127.0.0.1:50052"]),
  /** An endpoint without an attempt for this long is probed. */
  PROBE_IDLE_MS: integer(1_000, 3_600_000).default(60_000),
  /** How often the router is asked which endpoints are idle. */
  PROBE_ROUND_MS: integer(100, 600_000).default(5_000),
  /** Between two probes of one endpoint that is up. */
  PROBE_INTERVAL_MS: integer(1_000, 3_600_000).default(60_000),
  /** As PROBE_INTERVAL_MS, where a probe costs money: a completion, however short. */
  PROBE_PAID_INTERVAL_MS: integer(1_000, 86_400_000).default(900_000),
  /** Most probes under way at once. */
  PROBE_CONCURRENCY: integer(1, 256).default(8),
  PROBE_TIMEOUT_MS: integer(100, 120_000).default(10_000),
});
