import type { RequestLimits } from "../request-limits.ts";
import {
  deleteNulls,
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
/** Plain decimal: exact in pico-USD a token, and within an int64 of pico-USD a request. */
const decimal = /^\d{1,6}(\.\d{1,6})?$/;

export function validateProviderPreferences(value: unknown, limits: RequestLimits): void {
  const preferences = requireObject(value, "provider");
  deleteNulls(preferences);
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
  if (preferences.enforce_distillable_text === true) {
    throw invalid(
      "provider.enforce_distillable_text",
      "cannot be held to, for the catalog does not know which models may be distilled. Leave it out and name such models yourself.",
    );
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
  deleteNulls(sort);
  if (sort.by !== undefined) {
    requireOneOf(sort.by, "provider.sort.by", sorts);
  }
  if (sort.partition !== undefined) {
    requireOneOf(sort.partition, "provider.sort.partition", partitions);
  }
}

function validateMaxPrice(maxPrice: unknown): void {
  if (maxPrice === undefined) {
    return;
  }
  const prices = requireObject(maxPrice, "provider.max_price");
  deleteNulls(prices);
  for (const key of ["prompt", "completion", "request"]) {
    const price = prices[key];
    const isAmount = typeof price === "number" || typeof price === "string";
    if (price !== undefined && !(isAmount && decimal.test(String(price)))) {
      throw invalid(
        `provider.max_price.${key}`,
        'must be USD from 0 to 999999.999999 with at most 6 decimal places, such as 2.5 or "2.50".',
      );
    }
  }
  for (const key of ["image", "audio"]) {
    if (prices[key] !== undefined) {
      throw invalid(
        `provider.max_price.${key}`,
        "cannot be held to, for endpoints here price images and audio by their tokens. Leave it out, or limit prompt and completion.",
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
  deleteNulls(cutoffs);
  for (const key of percentiles) {
    if (cutoffs[key] !== undefined) {
      requireNumber(cutoffs[key], `${param}.${key}`, 0, 1e9);
    }
  }
}
