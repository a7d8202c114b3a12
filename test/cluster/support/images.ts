/** Set: the images of that tag are there already, and none are built. */
export const TAG_VARIABLE = "FAIRLEAD_CLUSTER_TAG";

/** No tag that a registry has, so that what runs is what was built here. */
export const imageTag = process.env[TAG_VARIABLE] ?? "cluster-test";

export const services = ["gateway", "router", "adapter", "ledger", "prober", "simulator"] as const;
export type Service = (typeof services)[number];

export const foreignImages = ["postgres:18", "nats:2"];

export function imageOf(service: Service): string {
  return `fairlead/${service}:${imageTag}`;
}
