import type { Endpoint } from "./endpoint.ts";
import type { Model } from "./model.ts";
import type { Provider } from "./provider.ts";

/** Everything that can be called, indexed by what callers look it up by. Immutable. */
export interface Catalog {
  /** Digest of the effective content: the same content has the same version in every process. */
  readonly version: bigint;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly models: ReadonlyMap<string, Model>;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Endpoints of a public model id, in the catalog's order; never empty. */
  readonly endpointsByModel: ReadonlyMap<string, readonly Endpoint[]>;
  /** Other names of a model: `openai/gpt-4o-latest` → `openai/gpt-4o`. */
  readonly aliases: ReadonlyMap<string, string>;
}
