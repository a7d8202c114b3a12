export { createOpenAiCompatible } from "./openai-compatible/index.ts";
export type { OpenAiVendor } from "./openai-compatible/vendor.ts";
export type {
  Dialect,
  ProbePlan,
  Provider,
  ProviderFaultInfo,
  ProviderRequest,
  StreamTranslator,
  Target,
  TranslatedAnswer,
  TranslatedResponse,
} from "./provider.ts";
export { providers, resolveProvider } from "./registry.ts";
export { encodeChatResponse } from "./shared/encode-chat-response.ts";
export { excludesReasoning } from "./shared/reasoning-request.ts";
