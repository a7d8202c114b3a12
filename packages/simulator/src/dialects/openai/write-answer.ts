import type { Answer } from "../../answer/answer.ts";
import type { Usage } from "../../answer/usage.ts";
import type { Exchange } from "../dialect.ts";

export const finishReasons = {
  stop: "stop",
  length: "length",
  tools: "tool_calls",
  refusal: "content_filter",
} as const satisfies Record<Answer["finish"], string>;

/** `JSON.stringify` of a long answer costs more than the rest of the response. */
const contentJson = new WeakMap<Answer, string>();

export function writeAnswer(exchange: Exchange): string {
  const { answer, request, sequence } = exchange;
  let message = contentJson.get(answer);
  if (message === undefined) {
    message = writeMessage(answer);
    contentJson.set(answer, message);
  }
  const usage = exchange.hasUsage ? `,"usage":${writeUsage(exchange.usage)}` : "";
  return (
    `{"id":"chatcmpl-sim-${sequence}","object":"chat.completion","created":${exchange.created},` +
    `"model":${JSON.stringify(request.model)},"choices":[{"index":0,"message":${message},` +
    `"logprobs":null,"finish_reason":"${finishReasons[answer.finish]}"}]${usage},` +
    `"service_tier":"default","system_fingerprint":"fp_simulator"}`
  );
}

function writeMessage(answer: Answer): string {
  const content = answer.text === "" && answer.tools.length > 0 ? null : answer.text;
  return JSON.stringify({
    role: "assistant",
    content,
    ...(answer.reasoning === "" ? {} : { reasoning_content: answer.reasoning }),
    ...(answer.tools.length === 0
      ? {}
      : {
          tool_calls: answer.tools.map((tool, index) => ({
            id: callId(index),
            type: "function",
            function: { name: tool.name, arguments: tool.arguments },
          })),
        }),
    refusal: null,
    annotations: [],
  });
}

export function callId(index: number): string {
  return `call_sim_${index}`;
}

export function writeUsage(usage: Usage): string {
  return (
    `{"prompt_tokens":${usage.prompt},"completion_tokens":${usage.completion},` +
    `"total_tokens":${usage.prompt + usage.completion},` +
    `"prompt_tokens_details":{"cached_tokens":${usage.cacheRead},"audio_tokens":0},` +
    `"completion_tokens_details":{"reasoning_tokens":${usage.reasoning},"audio_tokens":0,` +
    `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}
