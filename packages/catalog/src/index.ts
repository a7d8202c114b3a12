export { expandBaseUrl, listUrlVariables } from "./base-url.ts";
export type { Catalog } from "./catalog.ts";
export { type CatalogFault, formatFault } from "./catalog-fault.ts";
export type { Endpoint } from "./endpoint.ts";
export { endpointId } from "./endpoint-id.ts";
export { type LoadedCatalog, loadCatalog, readCatalog } from "./load-catalog.ts";
export type { Model } from "./model.ts";
export {
  commonParameters,
  modalityVocabulary,
  parameterVocabulary,
  quantizationVocabulary,
} from "./parameters.ts";
export type { Price, Rates, Tier } from "./price.ts";
export { type Dialect, dialects, needsCredential, type Provider } from "./provider.ts";
export { defaultTimeouts, type Timeouts } from "./timeouts.ts";
export { type CatalogWatch, type WatchOptions, watchCatalog } from "./watch-catalog.ts";
