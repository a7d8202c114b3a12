import type { Answer } from "../../answer/answer.ts";
import type { Usage } from "../../answer/usage.ts";
import type { Exchange } from "../dialect.ts";

export const stopReasons = {
  stop: "end_turn",
  length: "max_tokens",
  tools: "tool_use",
  refusal: "refusal",
} as const satisfies Record<Answer["finish"], string>;

/** Opaque to everyone but the provider; must come back unchanged. */
export const THINKING_SIGNATURE = "c2ltdWxhdGVkLXNpZ25hdHVyZQ==";

const contentJson = new WeakMap<Answer, string>();

export function writeAnswer(exchange: Exchange): string {
  const { answer, request } = exchange;
  let content = contentJson.get(answer);
  if (content === undefined) {
    content = JSON.stringify(writeContent(answer));
    contentJson.set(answer, content);
  }
  const usage = exchange.hasUsage
    ? `,"usage":${writeUsage(exchange.usage, exchange.usage.completion)}`
    : "";
  return (
    `{"model":${JSON.stringify(request.model)},"id":"msg_sim_${exchange.sequence}","type":"message",` +
    `"role":"assistant","content":${content},"stop_reason":"${stopReasons[answer.finish]}",` +
    `"stop_sequence":null${usage}}`
  );
}

function writeContent(answer: Answer): unknown[] {
  return [
    ...(answer.reasoning === ""
      ? []
      : [{ type: "thinking", thinking: answer.reasoning, signature: THINKING_SIGNATURE }]),
    ...(answer.text === "" ? [] : [{ type: "text", text: answer.text }]),
    ...answer.tools.map((tool, index) => ({
      type: "tool_use",
      id: toolUseId(index),
      name: tool.name,
      input: parseInput(tool.arguments),
    })),
  ];
}

/** Arguments cut short by the token limit are no JSON; the provider then returns no input. */
function parseInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export function toolUseId(index: number): string {
  return `toolu_sim_${index}`;
}

/** Unlike OpenAI's, `input_tokens` leaves out what was read from or written to the cache. */
export function writeUsage(usage: Usage, outputTokens: number): string {
  return (
    `{"input_tokens":${usage.prompt - usage.cacheRead - usage.cacheWrite},` +
    `"cache_creation_input_tokens":${usage.cacheWrite},` +
    `"cache_read_input_tokens":${usage.cacheRead},` +
    `"cache_creation":{"ephemeral_5m_input_tokens":${usage.cacheWrite},` +
    `"ephemeral_1h_input_tokens":0},"output_tokens":${outputTokens},"service_tier":"standard"}`
  );
}
