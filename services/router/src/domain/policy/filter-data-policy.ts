import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/** A provider of which nothing is known is taken to keep and to use what it is sent. */
export function filterDataPolicy(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const { provider } = features.request;
  let kept = endpoints;
  if (provider?.denyDataCollection === true) {
    kept = log.keep(
      kept,
      "data_policy",
      ({ endpoint }) => !endpoint.collectsData,
      () => "the provider may store or train on the data",
    );
  }
  if (provider?.zdr === true) {
    kept = log.keep(
      kept,
      "zdr",
      ({ endpoint }) => endpoint.isZeroRetention,
      () => "the provider has no zero data retention",
    );
  }
  return kept;
}
