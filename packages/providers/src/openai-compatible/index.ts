import type { Provider } from "../provider.ts";
import { convertError } from "./errors.ts";
import { planProbe } from "./probe.ts";
import { convertRequest } from "./request.ts";
import { convertResponse } from "./response.ts";
import { OpenAiStream } from "./stream.ts";
import type { OpenAiVendor } from "./vendor.ts";

/** A provider that speaks OpenAI's dialect, from a few lines of what it does otherwise. */
export function createOpenAiCompatible(vendor: OpenAiVendor): Provider {
  return {
    dialect: "openai",
    baseUrl: vendor.baseUrl,
    headers: (credential) =>
      credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    request: (chat, target) => convertRequest(chat, target, vendor),
    response: convertResponse,
    stream: (target) => new OpenAiStream(target),
    error: convertError,
    probe: planProbe,
  };
}
