import type { RoutedEndpoint } from "../catalog/routed-endpoint.ts";
import type { ExclusionLog } from "./exclusion-log.ts";
import { filterAvailability } from "./filter-availability.ts";
import { filterCompletion } from "./filter-completion.ts";
import { filterContext } from "./filter-context.ts";
import { filterDataPolicy } from "./filter-data-policy.ts";
import { filterModality } from "./filter-modality.ts";
import { filterParameters } from "./filter-parameters.ts";
import { filterPrice } from "./filter-price.ts";
import { filterProviders } from "./filter-providers.ts";
import { filterQuantization } from "./filter-quantization.ts";
import type { PoolView } from "./plan-types.ts";
import type { RequestFeatures } from "./request-features.ts";

/**
 * The hard filters. Which one empties the list decides what the client is told, so what the client
 * can change stands after what it cannot, and what yields when nothing else is left comes last.
 */
export function filterEndpoints(
  endpoints: readonly RoutedEndpoint[],
  features: RequestFeatures,
  pools: PoolView,
  log: ExclusionLog,
): readonly RoutedEndpoint[] {
  let kept = filterAvailability(endpoints, pools, log);
  kept = filterModality(kept, features, log);
  if (features.request.provider !== undefined) {
    kept = filterProviders(kept, features, log);
    kept = filterDataPolicy(kept, features, log);
    kept = filterQuantization(kept, features, log);
    kept = filterPrice(kept, features, log);
  }
  kept = filterContext(kept, features, log);
  kept = filterParameters(kept, features, log);
  return filterCompletion(kept, features, log);
}
