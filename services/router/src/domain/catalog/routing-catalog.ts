import type { Catalog, Endpoint } from "@fairlead/catalog";
import { type RoutedEndpoint, routeEndpoint } from "./routed-endpoint.ts";

/**
 * The catalog as the policy reads it: a plan looks at the endpoints of its models and no others.
 */
export interface RoutingCatalog {
  readonly catalog: Catalog;
  readonly version: bigint;
  readonly endpoints: ReadonlyMap<string, RoutedEndpoint>;
  readonly endpointsByModel: ReadonlyMap<string, readonly RoutedEndpoint[]>;
  /** Public id of a model by any of its names; undefined when there is none. */
  findModel(name: string): string | undefined;
}

export function createRoutingCatalog(catalog: Catalog): RoutingCatalog {
  const endpoints = new Map<string, RoutedEndpoint>();
  const endpointsByModel = new Map<string, RoutedEndpoint[]>();
  const toRouted = (endpoint: Endpoint): RoutedEndpoint => {
    const routed = routeEndpoint(endpoint, catalog.models.get(endpoint.model));
    endpoints.set(endpoint.id, routed);
    return routed;
  };
  for (const [model, list] of catalog.endpointsByModel) {
    endpointsByModel.set(model, list.map(toRouted));
  }
  const spellings = listSpellings(catalog.models.keys());
  return {
    catalog,
    version: catalog.version,
    endpoints,
    endpointsByModel,
    findModel(name) {
      if (endpointsByModel.has(name)) {
        return name;
      }
      return catalog.aliases.get(name) ?? spellings.get(toKey(name)) ?? undefined;
    },
  };
}

/**
 * Other ways to write an id: dots as dashes (`anthropic/claude-sonnet-4-5`), upper case, and the
 * slug without its author where only one author has it. An ambiguous spelling is none (null).
 */
function listSpellings(ids: Iterable<string>): Map<string, string | null> {
  const spellings = new Map<string, string | null>();
  for (const id of ids) {
    for (const name of [id, id.slice(id.indexOf("/") + 1)]) {
      const key = toKey(name);
      const known = spellings.get(key);
      spellings.set(key, known === undefined || known === id ? id : null);
    }
  }
  return spellings;
}

function toKey(name: string): string {
  return name.toLowerCase().replaceAll(".", "-");
}
