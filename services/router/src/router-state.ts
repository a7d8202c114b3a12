import type { Catalog } from "@fairlead/catalog";
import { createRoutingCatalog, type RoutingCatalog } from "./domain/catalog/routing-catalog.ts";
import { HealthRegistry } from "./domain/health/health-registry.ts";
import { WorkerRegistry } from "./domain/workers/worker-registry.ts";

/** What a router knows at this moment. All of it is rebuilt from files and events after a start. */
export class RouterState {
  readonly health = new HealthRegistry((endpointId) => this.#countEjection(endpointId));
  readonly workers = new WorkerRegistry();
  readonly now: () => number;
  readonly random: () => number;
  #catalog: RoutingCatalog;
  readonly #ejections = new Map<string, number>();

  constructor(catalog: Catalog, now: () => number, random: () => number) {
    this.#catalog = createRoutingCatalog(catalog);
    this.now = now;
    this.random = random;
  }

  get catalog(): RoutingCatalog {
    return this.#catalog;
  }

  /** How often endpoints were ejected, by provider. */
  get ejections(): ReadonlyMap<string, number> {
    return this.#ejections;
  }

  useCatalog(catalog: Catalog): void {
    this.#catalog = createRoutingCatalog(catalog);
    this.health.retain((id) => this.#catalog.endpoints.has(id));
  }

  #countEjection(endpointId: string): void {
    const provider = this.#catalog.endpoints.get(endpointId)?.endpoint.provider;
    if (provider !== undefined) {
      this.#ejections.set(provider, (this.#ejections.get(provider) ?? 0) + 1);
    }
  }
}
