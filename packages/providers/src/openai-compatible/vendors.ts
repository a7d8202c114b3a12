import type { OpenAiVendor } from "./vendor.ts";

/** Fields that only OpenAI itself is known to take; others answer 400 or 422 to them. */
const openAiOnly = ["prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"];

/** Of o1 to o4 and gpt-5: sampling is fixed. Later gpt-5.x are the catalog's to describe. */
const reasoningModel = /^(?:o\d|gpt-5(?!\.|-chat))/;
const reasoningModelUnsupported = [
  "temperature",
  "top_p",
  "frequency_penalty",
  "presence_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "stop",
];

const openai: OpenAiVendor = {
  id: "openai",
  baseUrl: "https://api.openai.com/v1",
  maxTokensField: "max_completion_tokens",
  hasDeveloperRole: true,
  unsupported: ["top_k", "min_p", "top_a", "repetition_penalty"],
  unsupportedByModel: (model) => (reasoningModel.test(model) ? reasoningModelUnsupported : []),
  nearestEffort: nearestOpenAiEffort,
  // Padding against traffic analysis doubles the bytes of every event.
  extra: (_model, isStream) =>
    isStream ? { stream_options: { include_usage: true, include_obfuscation: false } } : {},
};

function nearestOpenAiEffort(effort: string, model: string): string {
  if (effort === "max") {
    return nearestOpenAiEffort("xhigh", model);
  }
  const isEarly = reasoningModel.test(model);
  if (effort === "xhigh") {
    return isEarly ? "high" : "xhigh";
  }
  if (effort === "none" || effort === "minimal") {
    if (!isEarly) {
      return effort === "minimal" ? "low" : "none";
    }
    return model.startsWith("o") ? "low" : "minimal";
  }
  return effort;
}

/** Vendors whose quirks matter. Any other slug that speaks the dialect gets `generic`. */
export const vendors: Readonly<Record<string, OpenAiVendor>> = {
  openai,
  groq: {
    id: "groq",
    baseUrl: "https://api.groq.com/openai/v1",
    maxTokensField: "max_completion_tokens",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty", "logit_bias"],
    nearestEffort: threeLevels,
    // Without it these models write their reasoning into the content.
    extra: (model) => (/qwen|qwq|deepseek-r1/i.test(model) ? { reasoning_format: "parsed" } : {}),
  },
  togetherai: {
    id: "togetherai",
    baseUrl: "https://api.together.xyz/v1",
    unsupported: [...openAiOnly, "top_a"],
  },
  "fireworks-ai": {
    id: "fireworks-ai",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    unsupported: ["prompt_cache_options", "top_a"],
    reasoningHistoryField: "reasoning_content",
  },
  deepinfra: {
    id: "deepinfra",
    baseUrl: "https://api.deepinfra.com/v1/openai",
    unsupported: [...openAiOnly, "top_a"],
  },
  openrouter: {
    id: "openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    reasoning: "object",
    isCanonical: true,
    hasDeveloperRole: true,
  },
  deepseek: {
    id: "deepseek",
    baseUrl: "https://api.deepseek.com",
    reasoning: "none",
    reasoningHistoryField: "reasoning_content",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty", "seed"],
  },
  mistral: {
    id: "mistral",
    baseUrl: "https://api.mistral.ai/v1",
    // It always sends usage, and answers 422 to fields that it does not know.
    asksStreamUsage: false,
    reasoning: "none",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty", "logit_bias"],
  },
  xai: {
    id: "xai",
    baseUrl: "https://api.x.ai/v1",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty", "logit_bias"],
    nearestEffort: (effort) => (effort === "none" ? "low" : threeLevels(effort)),
  },
  cerebras: {
    id: "cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    maxTokensField: "max_completion_tokens",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty"],
  },
  perplexity: {
    id: "perplexity",
    baseUrl: "https://api.perplexity.ai",
    hasModelList: false,
    unsupported: openAiOnly,
  },
  moonshotai: {
    id: "moonshotai",
    baseUrl: "https://api.moonshot.ai/v1",
    reasoningHistoryField: "reasoning_content",
    unsupported: [...openAiOnly, "top_k", "min_p", "top_a", "repetition_penalty"],
  },
  zai: {
    id: "zai",
    baseUrl: "https://api.z.ai/api/paas/v4",
    reasoning: "none",
    reasoningHistoryField: "reasoning_content",
    unsupported: openAiOnly,
  },
  vllm: { id: "vllm", reasoningHistoryField: "reasoning_content", unsupported: openAiOnly },
  ollama: { id: "ollama", baseUrl: "http://127.0.0.1:11434/v1", unsupported: openAiOnly },
};

export const generic: OpenAiVendor = { id: "openai", unsupported: openAiOnly };

function threeLevels(effort: string): string {
  switch (effort) {
    case "max":
    case "xhigh":
      return "high";
    case "minimal":
      return "low";
    default:
      return effort;
  }
}
