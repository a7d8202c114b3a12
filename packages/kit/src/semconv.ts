/**
 * Every attribute and metric name that Fairlead writes, once.
 *
 * GenAI names are those of open-telemetry/semantic-conventions-genai (development status) as of
 * 2026-11; the rest of OpenTelemetry's semantic conventions 1.38. Our own begin with `fairlead.`.
 */
export const attr = {
  serviceName: "service.name",
  serviceNamespace: "service.namespace",
  serviceInstanceId: "service.instance.id",
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  httpRequestMethod: "http.request.method",
  httpRoute: "http.route",
  httpResponseStatusCode: "http.response.status_code",
  messagingSystem: "messaging.system",
  messagingDestinationName: "messaging.destination.name",
  messagingOperationType: "messaging.operation.type",
  messagingBatchMessageCount: "messaging.batch.message_count",
  dbSystemName: "db.system.name",
  dbOperationName: "db.operation.name",
  operationName: "gen_ai.operation.name",
  providerName: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  requestStream: "gen_ai.request.stream",
  requestMaxTokens: "gen_ai.request.max_tokens",
  requestTemperature: "gen_ai.request.temperature",
  requestTopP: "gen_ai.request.top_p",
  responseId: "gen_ai.response.id",
  responseModel: "gen_ai.response.model",
  responseFinishReasons: "gen_ai.response.finish_reasons",
  responseTimeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  usageInputTokens: "gen_ai.usage.input_tokens",
  usageOutputTokens: "gen_ai.usage.output_tokens",
  usageCacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  usageCacheCreationTokens: "gen_ai.usage.cache_creation.input_tokens",
  usageReasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  conversationId: "gen_ai.conversation.id",
  tokenType: "gen_ai.token.type",
  endpointId: "fairlead.endpoint.id",
  pool: "fairlead.pool",
  attempt: "fairlead.attempt",
  attempts: "fairlead.attempts",
  strategy: "fairlead.routing.strategy",
  candidates: "fairlead.routing.candidates",
  excluded: "fairlead.routing.excluded",
  costNano: "fairlead.cost.nano_usd",
  outcome: "fairlead.outcome",
  errorCode: "fairlead.error.code",
} as const;

/** Metric names of the conventions; those of our own stand where they are made. */
export const metric = {
  httpServerRequestDuration: "http.server.request.duration",
  serverRequestDuration: "gen_ai.server.request.duration",
  serverTimeToFirstToken: "gen_ai.server.time_to_first_token",
  serverTimePerOutputToken: "gen_ai.server.time_per_output_token",
  clientOperationDuration: "gen_ai.client.operation.duration",
  clientTimeToFirstChunk: "gen_ai.client.operation.time_to_first_chunk",
  clientTokenUsage: "gen_ai.client.token.usage",
} as const;

/** Histogram bounds that the GenAI conventions prescribe. */
export const buckets = {
  seconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  secondsPerToken: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  tokens: [
    1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    67_108_864,
  ],
} as const;
