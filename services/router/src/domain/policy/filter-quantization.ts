import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import type { RequestFeatures } from "./request-features.ts";

/** Names that stand for others too. */
const families: Readonly<Record<string, readonly string[]>> = {
  fp4: ["fp4", "mxfp4", "nvfp4"],
  fp8: ["fp8", "mxfp8"],
};

export function filterQuantization(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  const wanted = features.request.provider?.quantizations ?? [];
  if (wanted.length === 0) {
    return endpoints;
  }
  const accepted = wanted.flatMap((name) => families[name] ?? [name]);
  return log.keep(
    endpoints,
    "quantization",
    ({ endpoint }) => accepted.includes(endpoint.quantization),
    ({ endpoint }) => `quantization is ${endpoint.quantization}`,
  );
}
