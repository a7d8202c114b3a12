/**
 * OpenRouter's supported_parameters vocabulary. A parameter outside it is not a capability of an
 * endpoint: no endpoint is refused for the lack of it.
 */
export const parameterVocabulary = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "top_a",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "max_tokens",
  "max_completion_tokens",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "prediction",
  "seed",
  "response_format",
  "structured_outputs",
  "stop",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "include_reasoning",
  "reasoning",
  "reasoning_effort",
  "web_search_options",
  "verbosity",
] as const;

/** What a server that an operator declares without a list is taken to support. */
export const commonParameters: readonly string[] = parameterVocabulary.filter(
  (name) => !["top_a", "prediction", "web_search_options", "verbosity"].includes(name),
);

export const modalityVocabulary = ["text", "image", "file", "audio", "video"] as const;

export const quantizationVocabulary = [
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
] as const;
