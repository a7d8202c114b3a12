import { delimiter } from "node:path";
import { baseConfig, integer } from "@fairlead/kit";
import { z } from "zod";

/** The adapter's environment. Provider keys are read by the names that the catalog gives them. */
export const adapterConfig = baseConfig.extend({
  /** Workers of one pool serve the same providers and scale together. */
  ADAPTER_POOL: z.string().min(1).default("default"),
  /**
   * Slugs to serve, with `*` and exclusions: `*,!simulated-*`. Those without a key are left out.
   */
  ADAPTER_PROVIDERS: z.string().min(1).default("*"),
  /** Calls in flight at one time, all providers together. */
  ADAPTER_CAPACITY: integer(1, 1_000_000).default(10_000),
  /** Calls in flight of one provider, where the catalog names no other number. */
  ADAPTER_CONCURRENCY: integer(1, 100_000).default(4_096),
  /** Calls of one provider that may wait for a slot. */
  ADAPTER_QUEUE: integer(0, 100_000).default(256),
  /** host:port where gateways reach this worker; this host's first outward one unless given. */
  ADVERTISED_ADDRESS: z.string().min(1).optional(),
  /** Operator's catalog files. */
  FAIRLEAD_CATALOG: z
    .string()
    .default("")
    .transform((list) => list.split(delimiter).filter((path) => path !== "")),
});

export type AdapterConfig = z.output<typeof adapterConfig>;

/** Where provider keys and the variables of base URLs are looked up. */
export const providerEnvironment: Readonly<Record<string, string | undefined>> = process.env;
