import type { ChatRequest } from "@fairlead/openai";
import type { ProbePlan, Provider, Target } from "../provider.ts";

/** Room for a reasoning model to begin: a limit of 1 is refused by some. */
const probeMaxTokens = 16;

const probe: ChatRequest = {
  messages: [{ role: "user", content: "ping" }],
  max_tokens: probeMaxTokens,
};

/** One tiny completion, for vendors without a list of models: it costs a few tokens. */
export function planCompletionProbe(
  provider: Pick<Provider, "request" | "response" | "error">,
  target: Target,
): ProbePlan {
  const quiet: Target = { ...target, isStream: false, maxTokens: probeMaxTokens };
  const { path, headers, body } = provider.request(probe, quiet);
  return {
    method: "POST",
    path,
    headers,
    body,
    isFree: false,
    judge: (httpStatus, responseHeaders, responseBody) =>
      httpStatus >= 200 && httpStatus < 300
        ? provider.response(responseBody, quiet).fault
        : provider.error(httpStatus, responseHeaders, responseBody),
  };
}
