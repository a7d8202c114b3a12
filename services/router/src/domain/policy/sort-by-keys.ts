import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";

/** Endpoints by ascending key; equal keys keep their order. Keys stand at the same index. */
export function sortByKeys(
  endpoints: readonly RoutedEndpoint[],
  keys: readonly number[],
): RoutedEndpoint[] {
  const indexes = endpoints.map((_, index) => index);
  indexes.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  return indexes.flatMap((index) => endpoints[index] ?? []);
}
