import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/**
 * How far above the truth the prompt's estimate may be. Where no endpoint fits the estimate,
 * those that fit the prompt at its smallest stay: the provider counts exactly and refuses for
 * nothing, whereas a refusal here could be wrong.
 */
const estimateSlack = 2;

/** Prompt and completion together fit the endpoint's own context; unknown limits always do. */
export function filterContext(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const completionTokens = Math.max(1, features.maxTokens);
  const fits = (promptTokens: number) => (routed: RoutedEndpoint) => {
    const { contextLength } = routed.endpoint;
    return contextLength === 0 || promptTokens + completionTokens <= contextLength;
  };
  const surely = fits(features.promptTokens);
  const isSafe = endpoints.some(surely);
  return log.keep(
    endpoints,
    "context_length",
    isSafe ? surely : fits(features.promptTokens / estimateSlack),
    ({ endpoint }) => `context is ${endpoint.contextLength} tokens`,
  );
}
