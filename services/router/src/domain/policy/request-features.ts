import { modalityVocabulary } from "@fairlead/catalog";
import { modalityMask, parameterMask } from "../catalog/vocabulary.ts";
import { normalizeProviderName } from "../catalog/provider-names.ts";
import type { PlanRequest } from "./plan-types.ts";

/** The request's numbers and sets in the form that the stages compare. */
export interface RequestFeatures {
  readonly request: PlanRequest;
  readonly promptTokens: number;
  /** 0 = the client set none. */
  readonly maxTokens: number;
  /** For ranking only: what the completion will probably hold. */
  readonly expectedCompletionTokens: number;
  readonly parameters: number;
  /** Undefined when the request needs a modality that is not in the vocabulary. */
  readonly inputModalities: number | undefined;
  readonly outputModalities: number | undefined;
  readonly order: readonly string[];
  readonly only: readonly string[];
  readonly ignore: readonly string[];
}

const textBit = 1 << modalityVocabulary.indexOf("text");
/** Typical traffic has three prompt tokens for each completion token. */
const promptPerCompletion = 3;
const completionTokensMin = 256;

const none: readonly string[] = [];

export function readFeatures(request: PlanRequest): RequestFeatures {
  const promptTokens = Number(request.promptTokens);
  const maxTokens = Number(request.maxTokens);
  const typical = Math.max(completionTokensMin, promptTokens / promptPerCompletion);
  const input = modalityMask(request.inputModalities);
  const output = modalityMask(request.outputModalities);
  const { provider } = request;
  return {
    request,
    promptTokens,
    maxTokens,
    expectedCompletionTokens: maxTokens > 0 ? Math.min(maxTokens, typical) : typical,
    parameters: parameterMask(request.parameters),
    inputModalities: input === undefined ? undefined : input | textBit,
    outputModalities: output === 0 ? textBit : output,
    order: provider?.order.map(normalizeProviderName) ?? none,
    only: provider?.only.map(normalizeProviderName) ?? none,
    ignore: provider?.ignore.map(normalizeProviderName) ?? none,
  };
}
