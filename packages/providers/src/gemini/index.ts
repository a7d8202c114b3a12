import type { Provider } from "../provider.ts";
import { planModelsProbe } from "../shared/plan-models-probe.ts";
import { withoutNulls } from "../shared/without-nulls.ts";
import { convertError } from "./errors.ts";
import { convertRequest } from "./request.ts";
import { convertResponse } from "./response.ts";
import { GeminiStream } from "./stream.ts";

/** A provider that speaks Google's Gemini API. */
export function createGemini(baseUrl: string | undefined): Provider {
  return {
    dialect: "gemini",
    baseUrl,
    headers: (credential): Readonly<Record<string, string>> =>
      credential === undefined ? {} : { "x-goog-api-key": credential },
    request: (chat, target) => convertRequest(withoutNulls(chat), target),
    response: convertResponse,
    stream: (target) => new GeminiStream(target),
    error: convertError,
    probe: () => planModelsProbe("/models?pageSize=1", convertError),
  };
}
