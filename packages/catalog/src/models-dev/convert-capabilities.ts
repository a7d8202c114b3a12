import type { Dialect } from "../provider.ts";
import { modalityVocabulary, parameterVocabulary } from "../parameters.ts";
import type { ModelsDevModel } from "./wire.ts";

const sampling: Readonly<Record<Dialect, readonly string[]>> = {
  openai: [
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "logit_bias",
    "logprobs",
    "top_logprobs",
  ],
  anthropic: ["top_k"],
  gemini: ["top_k", "frequency_penalty", "presence_penalty", "seed"],
};

/** Hosts of open weights whose servers take the samplers of vLLM and its like. */
const openHosts = new Set([
  "baseten",
  "chutes",
  "deepinfra",
  "fireworks-ai",
  "friendli",
  "huggingface",
  "hyperbolic",
  "nebius",
  "novita-ai",
  "openrouter",
  "parasail",
  "siliconflow",
  "togetherai",
  "wandb",
]);

/** supported_parameters of an endpoint, in the vocabulary's order. */
export function convertParameters(
  provider: string,
  dialect: Dialect,
  model: ModelsDevModel,
): string[] {
  const names = new Set(["max_tokens", "max_completion_tokens", "stop", ...sampling[dialect]]);
  if (model.temperature !== false) {
    names.add("temperature").add("top_p");
  }
  if (openHosts.has(provider)) {
    names.add("top_k").add("min_p").add("repetition_penalty");
  }
  if (model.tool_call === true) {
    names.add("tools").add("tool_choice").add("parallel_tool_calls");
  }
  if (model.structured_output === true) {
    names.add("structured_outputs").add("response_format");
  }
  if (dialect !== "anthropic") {
    names.add("response_format");
  }
  if (model.reasoning === true) {
    names.add("reasoning").add("include_reasoning").add("reasoning_effort");
  }
  if (provider === "openai" || provider === "azure") {
    names.add("prediction").add("verbosity").add("web_search_options");
  }
  return parameterVocabulary.filter((name) => names.has(name));
}

/** Modalities in the vocabulary's order; a PDF is a file. */
export function convertModalities(names: readonly string[] | undefined): string[] {
  const spelled = new Set((names ?? ["text"]).map((name) => (name === "pdf" ? "file" : name)));
  return modalityVocabulary.filter((name) => spelled.has(name));
}

/** Quantization that a provider's name of the model gives away; `unknown` otherwise. */
export function findQuantization(upstreamModel: string): string {
  const match = /(?:^|[-_.])(nvfp4|mxfp4|fp8|fp4|fp16|bf16|int4|int8)(?=$|[-_.])/i.exec(
    upstreamModel,
  );
  return match?.[1]?.toLowerCase() ?? "unknown";
}
