import type { DroppedParameters } from "./dropped-parameters.ts";

/** Fields that are the gateway's own business: consumed there, never sent to a provider. */
const gatewayFields: ReadonlySet<string> = new Set([
  "model",
  "models",
  "messages",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "reasoning",
  "reasoning_effort",
  "include_reasoning",
  "user",
  "provider",
  "route",
  "preset",
  "trace",
  "usage",
  "session_id",
  "metadata",
  "cache_control",
]);

/** Of those, what other gateways do and this one does not: reported as dropped. */
const unservedFields: ReadonlySet<string> = new Set([
  "plugins",
  "transforms",
  "debug",
  "max_tool_calls",
  "stop_server_tools_when",
]);

/** Whether a field is none of the provider's; tells the report of one that nobody serves. */
export function staysHere(name: string, value: unknown, dropped: DroppedParameters): boolean {
  if (!unservedFields.has(name)) {
    return gatewayFields.has(name);
  }
  // An empty list asks for nothing.
  if (!(Array.isArray(value) && value.length === 0)) {
    dropped.add(name);
  }
  return true;
}
