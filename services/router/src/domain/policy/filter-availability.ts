import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { PoolView } from "./plan-types.ts";

/** Endpoints that the operator switched on and that a live worker can call. */
export function filterAvailability(
  endpoints: readonly RoutedEndpoint[],
  pools: PoolView,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const enabled = log.keep(
    endpoints,
    "disabled",
    ({ endpoint }) => !endpoint.isDisabled,
    () => "switched off in the catalog",
  );
  return log.keep(
    enabled,
    "no_worker",
    ({ endpoint }) => pools.poolOf(endpoint.provider) !== undefined,
    ({ endpoint }) => `no adapter worker with credentials for ${endpoint.provider} is up`,
  );
}
