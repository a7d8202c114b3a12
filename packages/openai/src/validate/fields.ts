import type { RequestLimits } from "../request-limits.ts";
import { validateMessages } from "./messages.ts";
import { validateProviderPreferences } from "./provider-preferences.ts";
import { reasoningEfforts, validateReasoning } from "./reasoning.ts";
import {
  invalid,
  requireArray,
  requireBoolean,
  requireInteger,
  requireNumber,
  requireObject,
  requireOneOf,
  requireString,
  requireStrings,
  requireText,
} from "./require.ts";
import { validateResponseFormat } from "./response-format.ts";
import { validateTools } from "./tools.ts";
import { validateCacheControl } from "./content.ts";

type FieldRule = (value: unknown, param: string, limits: RequestLimits) => void;

const tokensMax = 2 ** 31 - 1;

const number =
  (min: number, max: number): FieldRule =>
  (value, param) => {
    requireNumber(value, param, min, max);
  };
const integer =
  (min: number, max: number): FieldRule =>
  (value, param) => {
    requireInteger(value, param, min, max);
  };
const text =
  (lengthMax: number): FieldRule =>
  (value, param) => {
    requireString(value, param, lengthMax);
  };
const boolean: FieldRule = (value, param) => {
  requireBoolean(value, param);
};
const object: FieldRule = (value, param) => {
  requireObject(value, param);
};

/**
 * The request's known fields and their rules. A field that is not here passes through untouched: it
 * may be a parameter of one provider.
 */
export const fieldRules: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
  ["messages", (value, _param, limits) => validateMessages(value, limits)],
  ["model", (value, param) => void requireText(value, param, 256)],
  ["models", (value, param, limits) => void requireStrings(value, param, limits.modelsMax, 256)],
  ["stream", boolean],
  ["stream_options", object],
  ["max_tokens", integer(1, tokensMax)],
  ["max_completion_tokens", integer(1, tokensMax)],
  ["temperature", number(0, 2)],
  ["top_p", number(0, 1)],
  ["top_k", integer(0, tokensMax)],
  ["min_p", number(0, 1)],
  ["top_a", number(0, 1)],
  ["frequency_penalty", number(-2, 2)],
  ["presence_penalty", number(-2, 2)],
  ["repetition_penalty", number(0, 2)],
  ["seed", integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)],
  ["n", integer(1, 128)],
  ["stop", validateStop],
  ["logit_bias", validateLogitBias],
  ["logprobs", boolean],
  ["top_logprobs", integer(0, 20)],
  ["tools", (value, _param, limits) => validateTools(value, limits.toolsMax)],
  ["tool_choice", () => undefined],
  ["parallel_tool_calls", boolean],
  ["response_format", validateResponseFormat],
  ["modalities", (value, param) => void requireStrings(value, param, 8, 32)],
  ["audio", object],
  ["prediction", object],
  ["reasoning", validateReasoning],
  ["reasoning_effort", (value, param) => void requireOneOf(value, param, reasoningEfforts)],
  ["include_reasoning", boolean],
  ["verbosity", text(32)],
  ["provider", (value, _param, limits) => validateProviderPreferences(value, limits)],
  ["user", text(1_024)],
  ["session_id", text(256)],
  ["metadata", validateMetadata],
  ["service_tier", text(64)],
  ["prompt_cache_key", text(1_024)],
  ["cache_control", (value) => validateCacheControl({ cache_control: value }, "body")],
  ["plugins", validatePlugins],
  ["preset", refusePreset],
]);

function validateStop(value: unknown): void {
  if (typeof value === "string") {
    requireString(value, "stop", 4_096);
    return;
  }
  const stops = requireArray(value, "stop", 4);
  for (const [index, stop] of stops.entries()) {
    requireString(stop, `stop[${index}]`, 4_096);
  }
}

function validateLogitBias(value: unknown): void {
  const entries = Object.entries(requireObject(value, "logit_bias"));
  if (entries.length > 4_096) {
    throw invalid("logit_bias", `has ${entries.length} entries; at most 4096 are taken.`);
  }
  for (const [token, bias] of entries) {
    requireNumber(bias, `logit_bias.${token.slice(0, 64)}`, -100, 100);
  }
}

function validateMetadata(value: unknown): void {
  const entries = Object.entries(requireObject(value, "metadata"));
  if (entries.length > 16) {
    throw invalid("metadata", `has ${entries.length} pairs; at most 16 are taken.`);
  }
  for (const [key, item] of entries) {
    if (key.length > 64) {
      throw invalid("metadata", "has a key of more than 64 characters.");
    }
    requireString(item, `metadata.${key}`, 512);
  }
}

/** Left out, the request would be another one than was meant. */
function refusePreset(): void {
  throw invalid(
    "preset",
    "no presets are kept here. Leave it out and send the fields that it stands for.",
  );
}

function validatePlugins(value: unknown): void {
  for (const [index, plugin] of requireArray(value, "plugins", 32).entries()) {
    const { id } = requireObject(plugin, `plugins[${index}]`);
    requireText(id, `plugins[${index}].id`, 64);
  }
}
