import type { Catalog } from "@fairlead/catalog";
import { createRoutingCatalog, type RoutingCatalog } from "./domain/catalog/routing-catalog.ts";
import { HealthRegistry } from "./domain/health/health-registry.ts";
import { WorkerRegistry } from "./domain/workers/worker-registry.ts";

/** What a router knows at this moment. All of it is rebuilt from files and events after a start. */
export class RouterState {
  readonly health = new HealthRegistry();
  readonly workers = new WorkerRegistry();
  readonly now: () => number;
  readonly random: () => number;
  #catalog: RoutingCatalog;

  constructor(catalog: Catalog, now: () => number, random: () => number) {
    this.#catalog = createRoutingCatalog(catalog);
    this.now = now;
    this.random = random;
  }

  get catalog(): RoutingCatalog {
    return this.#catalog;
  }

  useCatalog(catalog: Catalog): void {
    this.#catalog = createRoutingCatalog(catalog);
    this.health.retain((id) => this.#catalog.endpoints.has(id));
  }
}
