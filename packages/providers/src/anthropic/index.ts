import type { Provider } from "../provider.ts";
import { planModelsProbe } from "../shared/plan-models-probe.ts";
import { convertError } from "./errors.ts";
import { convertRequest } from "./request.ts";
import { convertResponse } from "./response.ts";
import { AnthropicStream } from "./stream.ts";

/** Version of the wire format, pinned by the vendor since its first release. */
const anthropicVersion = "2023-06-01";

/** Anthropic's Messages API. `baseUrl` is undefined for vendors that only imitate it. */
export function createAnthropic(baseUrl: string | undefined): Provider {
  return {
    dialect: "anthropic",
    baseUrl,
    headers: (credential) => ({
      "anthropic-version": anthropicVersion,
      ...(credential === undefined ? {} : { "x-api-key": credential }),
    }),
    request: convertRequest,
    response: convertResponse,
    stream: (target) => new AnthropicStream(target),
    error: convertError,
    probe: () => planModelsProbe("/models?limit=1", convertError),
  };
}
