import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import { namesIn, parameterMask } from "../catalog/vocabulary.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

const tools = parameterMask(["tools"]);
/** Lacking these changes what comes back, so endpoints that have them are taken where there are. */
const preferred = ["tool_choice", "response_format", "structured_outputs", "verbosity"].map(
  (name) => parameterMask([name]),
);

/**
 * Tools are hard: an answer without them is of no use. `require_parameters` makes every parameter
 * hard. Otherwise endpoints that lack one are passed over while others have it, or it is dropped
 * and reported.
 */
export function filterParameters(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const { parameters, request } = features;
  const explain = (routed: RoutedEndpoint) =>
    `does not support ${namesIn(parameters & ~routed.parameters, request.parameters).join(", ")}`;
  let kept = endpoints;
  if ((parameters & tools) !== 0) {
    kept = log.keep(kept, "tools", (routed) => (routed.parameters & tools) !== 0, explain);
  }
  if (request.provider?.requireParameters === true) {
    const hasAll = (routed: RoutedEndpoint) => (parameters & ~routed.parameters) === 0;
    return log.keep(kept, "parameters", hasAll, explain);
  }
  for (const bit of preferred) {
    const has = (routed: RoutedEndpoint) => (routed.parameters & bit) !== 0;
    if ((parameters & bit) !== 0 && kept.some(has)) {
      kept = log.keep(kept, "parameters", has, explain);
    }
  }
  return kept;
}
