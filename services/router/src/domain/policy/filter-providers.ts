import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/** `provider.only`, `provider.ignore`, and `provider.order` when it stands without fallbacks. */
export function filterProviders(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const { only, ignore, order } = features;
  let kept = endpoints;
  if (only.length > 0) {
    kept = log.keep(
      kept,
      "not_in_only",
      (routed) => isNamedIn(routed, only),
      () => "not in provider.only",
    );
  }
  if (ignore.length > 0) {
    kept = log.keep(
      kept,
      "ignored",
      (routed) => !isNamedIn(routed, ignore),
      () => "in provider.ignore",
    );
  }
  if (order.length > 0 && features.request.provider?.allowFallbacks === false) {
    kept = log.keep(
      kept,
      "not_in_order",
      (routed) => isNamedIn(routed, order),
      () => "not in provider.order, and provider.allow_fallbacks is false",
    );
  }
  return kept;
}

export function isNamedIn(routed: RoutedEndpoint, names: readonly string[]): boolean {
  return routed.providerNames.some((name) => names.includes(name));
}
