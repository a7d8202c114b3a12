import type { Answer } from "../../answer/answer.ts";
import type { Usage } from "../../answer/usage.ts";
import type { Exchange } from "../dialect.ts";

export const finishReasons = {
  stop: "STOP",
  length: "MAX_TOKENS",
  // Gemini has no reason of its own for function calls.
  tools: "STOP",
  refusal: "SAFETY",
} as const satisfies Record<Answer["finish"], string>;

export const THOUGHT_SIGNATURE = "c2ltdWxhdGVkLXRob3VnaHQ=";

export function writeAnswer(exchange: Exchange): string {
  const { answer } = exchange;
  const parts = [
    ...(answer.reasoning === "" ? [] : [{ text: answer.reasoning, thought: true }]),
    ...(answer.text === "" ? [] : [{ text: answer.text }]),
    ...answer.tools.map((tool) => writeFunctionCall(tool.name, tool.arguments)),
  ];
  return (
    `{"candidates":[{"content":{"parts":${JSON.stringify(parts)},"role":"model"},` +
    `"finishReason":"${finishReasons[answer.finish]}","index":0}]` +
    `${writeTail(exchange, exchange.usage)}}`
  );
}

export function writeFunctionCall(name: string, json: string): unknown {
  let args: unknown = {};
  try {
    args = JSON.parse(json);
  } catch {
    // Cut short by the token limit: Gemini then sends the call without its arguments.
  }
  return { functionCall: { name, args }, thoughtSignature: THOUGHT_SIGNATURE };
}

/**
 * Usage, model and id: at the end of every event. Thoughts are not among the candidates' tokens.
 */
export function writeTail(exchange: Exchange, usage: Usage): string {
  const cached = usage.cacheRead > 0 ? `,"cachedContentTokenCount":${usage.cacheRead}` : "";
  const thoughts = usage.reasoning > 0 ? `,"thoughtsTokenCount":${usage.reasoning}` : "";
  const metadata =
    `,"usageMetadata":{"promptTokenCount":${usage.prompt},` +
    `"candidatesTokenCount":${usage.completion - usage.reasoning},` +
    `"totalTokenCount":${usage.prompt + usage.completion},` +
    `"promptTokensDetails":[{"modality":"TEXT","tokenCount":${usage.prompt}}]${cached}${thoughts}}`;
  return (
    (exchange.hasUsage ? metadata : "") +
    `,"modelVersion":${JSON.stringify(exchange.request.model)},"responseId":"sim-${exchange.sequence}"`
  );
}
