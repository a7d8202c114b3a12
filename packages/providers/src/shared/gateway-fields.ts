/**
 * Fields that are the gateway's own business: consumed there, never sent to a provider, and so
 * never reported as dropped.
 */
export const gatewayFields: ReadonlySet<string> = new Set([
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
  "plugins",
  "transforms",
  "route",
  "preset",
  "debug",
  "trace",
  "usage",
  "session_id",
  "metadata",
  "max_tool_calls",
  "stop_server_tools_when",
  "cache_control",
]);
