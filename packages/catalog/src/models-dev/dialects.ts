import type { Dialect } from "../provider.ts";

/** How a provider is called, by the client library that models.dev names for it. */
const dialectByLibrary: Readonly<Record<string, Dialect>> = {
  "@ai-sdk/anthropic": "anthropic",
  "@ai-sdk/azure": "openai",
  "@ai-sdk/cerebras": "openai",
  "@ai-sdk/cohere": "openai",
  "@ai-sdk/deepinfra": "openai",
  "@ai-sdk/gateway": "openai",
  "@ai-sdk/google": "gemini",
  "@ai-sdk/groq": "openai",
  "@ai-sdk/mistral": "openai",
  "@ai-sdk/openai": "openai",
  "@ai-sdk/openai-compatible": "openai",
  "@ai-sdk/perplexity": "openai",
  "@ai-sdk/togetherai": "openai",
  "@ai-sdk/vercel": "openai",
  "@ai-sdk/xai": "openai",
  "@aihubmix/ai-sdk-provider": "openai",
  "@openrouter/ai-sdk-provider": "openai",
  "ai-gateway-provider": "openai",
  "venice-ai-sdk-provider": "openai",
};

/** Base URLs that models.dev leaves to the library; `<NAME>` stands for a placeholder. */
const baseUrlByProvider: Readonly<Record<string, string>> = {
  aihubmix: "https://aihubmix.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  azure: "https://<AZURE_RESOURCE_NAME>.openai.azure.com/openai/v1",
  "azure-cognitive-services":
    "https://<AZURE_COGNITIVE_SERVICES_RESOURCE_NAME>.cognitiveservices.azure.com/openai/v1",
  cerebras: "https://api.cerebras.ai/v1",
  "cloudflare-ai-gateway":
    "https://gateway.ai.cloudflare.com/v1/<CLOUDFLARE_ACCOUNT_ID>/<CLOUDFLARE_GATEWAY_ID>/compat",
  cohere: "https://api.cohere.ai/compatibility/v1",
  deepinfra: "https://api.deepinfra.com/v1/openai",
  google: "https://generativelanguage.googleapis.com/v1beta",
  groq: "https://api.groq.com/openai/v1",
  mistral: "https://api.mistral.ai/v1",
  openai: "https://api.openai.com/v1",
  perplexity: "https://api.perplexity.ai",
  togetherai: "https://api.together.xyz/v1",
  v0: "https://api.v0.dev/v1",
  venice: "https://api.venice.ai/api/v1",
  vercel: "https://ai-gateway.vercel.sh/v1",
  xai: "https://api.x.ai/v1",
};

export interface CallForm {
  readonly dialect: Dialect;
  readonly baseUrl: string;
}

/** Undefined when no dialect of ours speaks to it (signed requests, private protocols). */
export function findCallForm(
  provider: string,
  library: string | undefined,
  api: string | undefined,
): CallForm | undefined {
  const dialect = dialectByLibrary[library ?? ""];
  const baseUrl = api ?? baseUrlByProvider[provider]?.replace(/<(\w+)>/g, "$${$1}");
  if (dialect === undefined || baseUrl === undefined) {
    return undefined;
  }
  return { dialect, baseUrl: baseUrl.replace(/\/chat\/completions$/, "").replace(/\/+$/, "") };
}
