import type { Provider } from "../provider.ts";
import { planCompletionProbe } from "../shared/plan-completion-probe.ts";
import { planModelsProbe } from "../shared/plan-models-probe.ts";
import { withoutNulls } from "../shared/without-nulls.ts";
import { convertError } from "./errors.ts";
import { convertRequest } from "./request.ts";
import { convertResponse } from "./response.ts";
import { AnthropicStream } from "./stream.ts";

/** Version of the wire format, pinned by the vendor since its first release. */
const anthropicVersion = "2023-06-01";

export interface AnthropicVendor {
  readonly baseUrl?: string;
  /** Whether `GET /models` answers: at Anthropic itself, not at those who imitate it. */
  readonly hasModelList: boolean;
}

/** A provider that speaks Anthropic's Messages API. */
export function createAnthropic(vendor: AnthropicVendor): Provider {
  const translation: Pick<Provider, "request" | "response" | "error"> = {
    request: (chat, target) => convertRequest(withoutNulls(chat), target),
    response: convertResponse,
    error: convertError,
  };
  return {
    ...translation,
    dialect: "anthropic",
    baseUrl: vendor.baseUrl,
    headers: (credential) => ({
      "anthropic-version": anthropicVersion,
      ...(credential === undefined ? {} : { "x-api-key": credential }),
    }),
    stream: (target) => new AnthropicStream(target),
    probe: (target) =>
      vendor.hasModelList
        ? planModelsProbe("/models?limit=1", convertError)
        : planCompletionProbe(translation, target),
  };
}
