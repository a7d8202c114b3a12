/** Set: the images of that tag are there already, and none are built. */
export const TAG_VARIABLE = "FAIRLEAD_CLUSTER_TAG";

/** No tag that a registry has, so that what runs is what was built here. */
export const imageTag = process.env[TAG_VARIABLE] ?? "cluster-test";

export const services = ["gateway", "router", "adapter", "ledger", "prober", "simulator"] as const;
export type Service = (typeof services)[number];

export const PROMETHEUS_IMAGE = "prom/prometheus:v2.42.0";
export const COLLECTOR_IMAGE = "otel/opentelemetry-collector:0.162.0";
/** What deploy/Dockerfile starts from. */
export const BASE_IMAGE = "node:24-bookworm-slim";
export const foreignImages = ["postgres:18", "nats:2", PROMETHEUS_IMAGE, COLLECTOR_IMAGE];

export function imageOf(service: Service): string {
  return `fairlead/${service}:${imageTag}`;
}
