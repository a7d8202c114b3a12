import type { Provider } from "../provider.ts";
import { planCompletionProbe } from "../shared/plan-completion-probe.ts";
import { planModelsProbe } from "../shared/plan-models-probe.ts";
import { withoutNulls } from "../shared/without-nulls.ts";
import { convertError } from "./errors.ts";
import { convertRequest } from "./request.ts";
import { convertResponse } from "./response.ts";
import { OpenAiStream } from "./stream.ts";
import type { OpenAiVendor } from "./vendor.ts";

/** A provider that speaks OpenAI's dialect, from a few lines of what it does otherwise. */
export function createOpenAiCompatible(vendor: OpenAiVendor): Provider {
  const translation: Pick<Provider, "request" | "response" | "error"> = {
    request: (chat, target) => convertRequest(withoutNulls(chat), target, vendor),
    response: convertResponse,
    error: convertError,
  };
  return {
    ...translation,
    dialect: "openai",
    baseUrl: vendor.baseUrl,
    headers: (credential): Readonly<Record<string, string>> =>
      credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    stream: (target) => new OpenAiStream(target),
    probe: (target) =>
      vendor.hasModelList === false
        ? planCompletionProbe(translation, target)
        : planModelsProbe("/models", convertError),
  };
}
