import type { Unit } from "../../answer/answer.ts";
import type { Exchange, StreamForm } from "../dialect.ts";
import { writeError } from "./write-error.ts";
import { callId, finishReasons, writeUsage } from "./write-answer.ts";

export function createStream(exchange: Exchange): StreamForm {
  const { request, answer } = exchange;
  const head =
    `data: {"id":"chatcmpl-sim-${exchange.sequence}","object":"chat.completion.chunk",` +
    `"created":${exchange.created},"model":${JSON.stringify(request.model)},` +
    `"service_tier":"default","system_fingerprint":"fp_simulator",`;
  const choice = `${head}"choices":[{"index":0,"delta":`;
  // Once asked for, OpenAI sends the field in every chunk, null until the last.
  const usageField = request.wantsStreamUsage ? ',"usage":null' : "";
  const running = `,"logprobs":null,"finish_reason":null}]${usageField}}\n\n`;
  return {
    open: () => `${choice}{"role":"assistant","content":"","refusal":null}${running}`,
    unit: (unit) => choice + writeDelta(unit, answer.tools[unit.toolIndex]?.name) + running,
    close: (usage) => {
      const finish =
        `${choice}{},"logprobs":null,"finish_reason":"${finishReasons[answer.finish]}"}]` +
        `${usageField}}\n\n`;
      return request.wantsStreamUsage && exchange.hasUsage
        ? `${finish}${head}"choices":[],"usage":${writeUsage(usage)}}\n\n`
        : finish;
    },
    end: () => "data: [DONE]\n\n",
    error: (refusal) => `data: ${writeError(refusal)}\n\n`,
  };
}

function writeDelta(unit: Unit, toolName: string | undefined): string {
  const text = JSON.stringify(unit.text);
  if (unit.kind === "text") {
    return `{"content":${text}}`;
  }
  if (unit.kind === "reasoning") {
    return `{"reasoning_content":${text}}`;
  }
  const opening = unit.isFirst
    ? `"id":"${callId(unit.toolIndex)}","type":"function","function":{"name":${JSON.stringify(toolName)},`
    : '"function":{';
  return `{"tool_calls":[{"index":${unit.toolIndex},${opening}"arguments":${text}}}]}`;
}
