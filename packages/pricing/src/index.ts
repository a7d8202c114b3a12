export { type Cost, costNano } from "./cost.ts";
export { int64Max } from "./decimal.ts";
export {
  nanoFromUsd,
  picoFromUsd,
  picoFromUsdPerMillion,
  usdFromNano,
  usdPerTokenFromPico,
} from "./money.ts";
export type { PriceInit, RatesInit, TierInit, TokenUsageInit } from "./price-init.ts";
export { priceVersion } from "./price-version.ts";
export { affordableCompletionTokens, worstCaseNano } from "./worst-case.ts";
