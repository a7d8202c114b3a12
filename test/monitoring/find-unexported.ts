import { readQuery } from "./promql.ts";

/** The labels of each metric, by its name. */
export type Exported = ReadonlyMap<string, ReadonlySet<string>>;

export interface NamedQuery {
  /** Where it stands, for whoever must mend it. */
  readonly place: string;
  readonly query: string;
}

/** What Prometheus adds to each series of a target. */
const targetLabels = new Set(["job", "instance"]);

/** What queries read and nobody exports: a sentence for each metric or label. */
export function findUnexported(queries: readonly NamedQuery[], exported: Exported): string[] {
  const faults = new Set<string>();
  for (const { place, query } of queries) {
    const { selectors, groupedBy } = readQuery(query);
    const known = new Set(targetLabels);
    for (const { metric, labels } of selectors) {
      const own = exported.get(metric);
      if (own === undefined) {
        faults.add(`${place}: nobody exports ${metric}`);
        continue;
      }
      for (const label of own) {
        known.add(label);
      }
      for (const label of labels) {
        if (!own.has(label) && !targetLabels.has(label)) {
          faults.add(`${place}: ${metric} has no label ${label}`);
        }
      }
    }
    for (const label of groupedBy) {
      if (!known.has(label)) {
        faults.add(`${place}: no metric of the query has the label ${label}`);
      }
    }
  }
  return [...faults];
}
