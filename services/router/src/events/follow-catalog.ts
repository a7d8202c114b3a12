import { create } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import { type Catalog, type CatalogWatch, formatFault, watchCatalog } from "@fairlead/catalog";
import type { Logger } from "@fairlead/kit";
import { CatalogChangedSchema } from "@fairlead/proto/events/v1/events";
import type { RouterState } from "../router-state.ts";
import type { RouterMetrics } from "../router-metrics.ts";

export interface CatalogFeed {
  readonly bus: Bus;
  readonly state: RouterState;
  readonly metrics: RouterMetrics;
  readonly logger: Logger;
}

/** Puts each good edit of the operator's files in effect and tells everyone; reports bad ones. */
export function followCatalog(
  paths: readonly string[],
  { bus, state, metrics, logger }: CatalogFeed,
): CatalogWatch {
  const apply = (catalog: Catalog): void => {
    if (catalog.version === state.catalog.version) {
      return;
    }
    state.useCatalog(catalog);
    metrics.recordCatalogChange("applied");
    const message = create(CatalogChangedSchema, { catalogVersion: catalog.version });
    bus.publish(CatalogChangedSchema, subjects.catalogChanged, message);
    logger.info(
      { catalogVersion: catalog.version.toString(), endpoints: catalog.endpoints.size },
      "catalog changed",
    );
  };
  return watchCatalog(paths, apply, (faults) => {
    metrics.recordCatalogChange("refused");
    logger.error({ faults: faults.map(formatFault) }, "catalog edit refused; the last one stays");
  });
}
