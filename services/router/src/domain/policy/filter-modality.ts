import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

export function filterModality(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const { inputModalities: input, outputModalities: output } = features;
  return log.keep(
    endpoints,
    "modality",
    (routed) => covers(routed.inputModalities, input) && covers(routed.outputModalities, output),
    ({ endpoint }) =>
      `takes ${endpoint.inputModalities.join(", ")} and gives ${endpoint.outputModalities.join(", ")}`,
  );
}

function covers(supported: number, needed: number | undefined): boolean {
  return needed !== undefined && (needed & ~supported) === 0;
}
