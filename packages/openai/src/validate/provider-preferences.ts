import type { RequestLimits } from "../request-limits.ts";
import {
  describe,
  invalid,
  isObject,
  requireBoolean,
  requireNumber,
  requireObject,
  requireOneOf,
  requireStrings,
} from "./require.ts";

const sorts: ReadonlySet<string> = new Set(["price", "throughput", "latency", "exacto"]);
const partitions: ReadonlySet<string> = new Set(["model", "none"]);
const dataCollections: ReadonlySet<string> = new Set(["allow", "deny"]);
const quantizations: ReadonlySet<string> = new Set([
  "int4",
  "int8",
  "fp4",
  "mxfp4",
  "nvfp4",
  "fp6",
  "fp8",
  "mxfp8",
  "fp16",
  "bf16",
  "fp32",
  "unknown",
]);
const percentiles = ["p50", "p75", "p90", "p99"] as const;
const priceKeys = ["prompt", "completion", "request", "image", "audio"] as const;
/** Plain decimal, at most 12 places: a price is exact in pico-USD or it is refused. */
const decimal = /^\d{1,9}(\.\d{1,12})?$/;

export function validateProviderPreferences(value: unknown, limits: RequestLimits): void {
  const preferences = requireObject(value, "provider");
  for (const key in preferences) {
    if (preferences[key] === null) {
      preferences[key] = undefined;
    }
  }
  for (const key of ["order", "only", "ignore"] as const) {
    if (preferences[key] !== undefined) {
      requireStrings(preferences[key], `provider.${key}`, limits.providersMax, 128);
    }
  }
  for (const key of [
    "allow_fallbacks",
    "require_parameters",
    "zdr",
    "enforce_distillable_text",
  ] as const) {
    if (preferences[key] !== undefined) {
      requireBoolean(preferences[key], `provider.${key}`);
    }
  }
  if (preferences.data_collection !== undefined) {
    requireOneOf(preferences.data_collection, "provider.data_collection", dataCollections);
  }
  if (preferences.quantizations !== undefined) {
    const list = requireStrings(preferences.quantizations, "provider.quantizations", 16, 16);
    for (const [index, item] of list.entries()) {
      requireOneOf(item, `provider.quantizations[${index}]`, quantizations);
    }
  }
  validateSort(preferences.sort);
  validateMaxPrice(preferences.max_price);
  validateCutoffs(preferences.preferred_min_throughput, "provider.preferred_min_throughput");
  validateCutoffs(preferences.preferred_max_latency, "provider.preferred_max_latency");
}

function validateSort(sort: unknown): void {
  if (sort === undefined) {
    return;
  }
  if (!isObject(sort)) {
    requireOneOf(sort, "provider.sort", sorts);
    return;
  }
  if (sort.by !== undefined && sort.by !== null) {
    requireOneOf(sort.by, "provider.sort.by", sorts);
  }
  if (sort.partition !== undefined && sort.partition !== null) {
    requireOneOf(sort.partition, "provider.sort.partition", partitions);
  }
}

function validateMaxPrice(maxPrice: unknown): void {
  if (maxPrice === undefined) {
    return;
  }
  const prices = requireObject(maxPrice, "provider.max_price");
  for (const key of priceKeys) {
    const price = prices[key];
    if (price === undefined || price === null) {
      continue;
    }
    if (typeof price === "number") {
      requireNumber(price, `provider.max_price.${key}`, 0, 1e9);
    } else if (typeof price !== "string" || !decimal.test(price)) {
      throw invalid(
        `provider.max_price.${key}`,
        `must be USD as a number or as decimal text such as "2.50", not ${describe(price)}.`,
      );
    }
  }
}

function validateCutoffs(value: unknown, param: string): void {
  if (value === undefined) {
    return;
  }
  if (typeof value === "number") {
    requireNumber(value, param, 0, 1e9);
    return;
  }
  const cutoffs = requireObject(value, param);
  for (const key of percentiles) {
    if (cutoffs[key] !== undefined && cutoffs[key] !== null) {
      requireNumber(cutoffs[key], `${param}.${key}`, 0, 1e9);
    }
  }
}
