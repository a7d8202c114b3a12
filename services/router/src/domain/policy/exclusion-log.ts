import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionReason, PlannedExclusion } from "./plan-types.ts";

/** Collects who was left out and why; the reason that emptied the list names the error. */
export class ExclusionLog {
  readonly #entries: { routed: RoutedEndpoint; reason: ExclusionReason; detail: () => string }[] =
    [];
  last: ExclusionReason | undefined;

  /** Keeps the endpoints that pass. `explain` is called only when somebody reads the reasons. */
  keep(
    endpoints: readonly RoutedEndpoint[],
    reason: ExclusionReason,
    passes: (routed: RoutedEndpoint) => boolean,
    explain: (routed: RoutedEndpoint) => string,
  ): readonly RoutedEndpoint[] {
    if (endpoints.every(passes)) {
      return endpoints;
    }
    const kept: RoutedEndpoint[] = [];
    for (const routed of endpoints) {
      if (passes(routed)) {
        kept.push(routed);
      } else {
        this.#entries.push({ routed, reason, detail: () => explain(routed) });
        this.last = reason;
      }
    }
    return kept;
  }

  get size(): number {
    return this.#entries.length;
  }

  list(): PlannedExclusion[] {
    return this.#entries.map(({ routed, reason, detail }) => ({
      routed,
      reason,
      detail: detail(),
    }));
  }
}
