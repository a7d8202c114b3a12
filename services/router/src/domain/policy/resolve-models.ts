import type { RoutingCatalog } from "../catalog/routing-catalog.ts";

export interface ResolvedModel {
  /** As the client wrote it. */
  readonly name: string;
  /** Public id; undefined when there is no such model. */
  readonly id: string | undefined;
  /** Whether the model is known at all, though perhaps not in the variant asked for. */
  readonly isKnown: boolean;
  /** What a dynamic suffix asks for; "" = nothing. */
  readonly sort: string;
}

/** Suffixes that choose an order and not a model. */
const dynamicSorts: ReadonlyMap<string, string> = new Map([
  ["nitro", "throughput"],
  ["floor", "price"],
]);

/** Suffixes that select nothing here: `online` is a plugin, `exacto` and `beta` have no data. */
const ignored = new Set(["online", "exacto", "beta"]);

/** Suffixes of the same endpoints where a model has none of its own. */
const optional = new Set(["thinking"]);

/** Finds the model of each name: its id, an alias or another spelling, with any suffixes. */
export function resolveModel(name: string, catalog: RoutingCatalog): ResolvedModel {
  const whole = catalog.findModel(name);
  if (whole !== undefined) {
    return { name, id: whole, isKnown: true, sort: "" };
  }
  const [base = "", ...suffixes] = name.split(":");
  let sort = "";
  let variant = "";
  for (const suffix of suffixes) {
    const dynamicSort = dynamicSorts.get(suffix);
    if (dynamicSort !== undefined) {
      sort = dynamicSort;
    } else if (!ignored.has(suffix)) {
      variant += `:${suffix}`;
    }
  }
  const known = catalog.findModel(base);
  if (known === undefined) {
    return { name, id: catalog.findModel(base + variant), isKnown: false, sort };
  }
  const id = variant === "" ? known : catalog.findModel(known + variant);
  if (id === undefined && optional.has(variant.slice(1))) {
    return { name, id: known, isKnown: true, sort };
  }
  return { name, id, isKnown: true, sort };
}
