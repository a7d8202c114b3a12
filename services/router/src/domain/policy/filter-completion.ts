import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/** Smaller limits on max_tokens go while larger ones are left; the last ones are clamped to. */
export function filterCompletion(
  endpoints: readonly RoutedEndpoint[],
  { maxTokens }: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const takes = ({ endpoint }: RoutedEndpoint) =>
    endpoint.maxCompletionTokens === 0 || maxTokens <= endpoint.maxCompletionTokens;
  if (maxTokens === 0 || !endpoints.some(takes)) {
    return endpoints;
  }
  return log.keep(
    endpoints,
    "max_tokens",
    takes,
    ({ endpoint }) => `max_tokens is at most ${endpoint.maxCompletionTokens}`,
  );
}
