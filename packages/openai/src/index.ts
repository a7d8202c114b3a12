export {
  type ChunkIdentity,
  doneEvent,
  encodeChunkHead,
  errorChunk,
  keepAliveComment,
  usageChunk,
} from "./chat-chunk.ts";
export type {
  ChatAnswer,
  ChatChoice,
  ChatCompletion,
  ChatDelta,
  FinishReason,
  ToolCallDelta,
} from "./chat-completion.ts";
export type {
  Annotation,
  AssistantMessage,
  AudioPart,
  CacheControl,
  ChatMessage,
  ChatRequest,
  ContentPart,
  FilePart,
  FunctionTool,
  ImagePart,
  MaxPriceKey,
  PercentileCutoffs,
  ProviderPreferences,
  ProviderSort,
  ReasoningDetail,
  ReasoningEffort,
  ReasoningOptions,
  RefusalPart,
  ResponseFormat,
  ServerTool,
  SystemMessage,
  TextPart,
  Tool,
  ToolCall,
  ToolChoice,
  ToolMessage,
  UserMessage,
  VideoPart,
} from "./chat-request.ts";
export { describeRequest, type RequestDescription } from "./describe-request.ts";
export { encodeUsage, type TokenCounts, type UsageCost } from "./encode-usage.ts";
export { encodeError, type ErrorBody, toErrorBody } from "./error-body.ts";
export { nanoToDecimal } from "./nano-to-decimal.ts";
export { parseChatRequest } from "./parse-chat-request.ts";
export { defaultLimits, type RequestLimits } from "./request-limits.ts";
export {
  defaultSseLimits,
  type SseEventHandler,
  type SseFault,
  type SseLimits,
  SseParser,
} from "./sse-parser.ts";
export type { TokenUsage } from "./token-usage.ts";
export { isDeeperThan } from "./validate/check-depth.ts";
