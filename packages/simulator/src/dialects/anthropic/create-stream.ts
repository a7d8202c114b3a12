import type { Unit } from "../../answer/answer.ts";
import type { Exchange, StreamForm } from "../dialect.ts";
import { stopReasons, THINKING_SIGNATURE, toolUseId, writeUsage } from "./write-answer.ts";
import { writeError } from "./write-error.ts";

export function frame(type: string, rest: string): string {
  return `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
}

/** Anthropic's events: content blocks are opened, filled and closed one after the other. */
export function createStream(exchange: Exchange): StreamForm {
  const { request, answer } = exchange;
  let index = -1;
  let openKind: Unit["kind"] | undefined;

  function closeBlock(): string {
    if (openKind === undefined) {
      return "";
    }
    const signature =
      openKind === "reasoning"
        ? delta(`{"type":"signature_delta","signature":"${THINKING_SIGNATURE}"}`)
        : "";
    openKind = undefined;
    return signature + frame("content_block_stop", `,"index":${index}`);
  }

  function delta(json: string): string {
    return frame("content_block_delta", `,"index":${index},"delta":${json}`);
  }

  function unit(next: Unit): string {
    let text = "";
    if (next.isFirst) {
      text = closeBlock();
      index += 1;
      openKind = next.kind;
      const block = openBlock(next, answer.tools[next.toolIndex]?.name);
      text += frame("content_block_start", `,"index":${index},"content_block":${block}`);
    }
    return text + delta(writeDelta(next));
  }

  return {
    open: () => {
      const usage = exchange.hasUsage ? `,"usage":${writeUsage(exchange.usage, 1)}` : "";
      return (
        frame(
          "message_start",
          `,"message":{"model":${JSON.stringify(request.model)},"id":"msg_sim_${exchange.sequence}",` +
            `"type":"message","role":"assistant","content":[],"stop_reason":null,` +
            `"stop_sequence":null${usage}}`,
        ) + frame("ping", "")
      );
    },
    unit,
    close: (usage) => {
      const usageField = exchange.hasUsage ? `,"usage":${writeUsage(usage, usage.completion)}` : "";
      return (
        closeBlock() +
        frame(
          "message_delta",
          `,"delta":{"stop_reason":"${stopReasons[answer.finish]}","stop_sequence":null}${usageField}`,
        )
      );
    },
    end: () => frame("message_stop", ""),
    error: (refusal) => `event: error\ndata: ${writeError(refusal, exchange.sequence)}\n\n`,
  };
}

function openBlock(unit: Unit, toolName: string | undefined): string {
  switch (unit.kind) {
    case "text":
      return '{"type":"text","text":""}';
    case "reasoning":
      return '{"type":"thinking","thinking":"","signature":""}';
    case "tool":
      return `{"type":"tool_use","id":"${toolUseId(unit.toolIndex)}","name":${JSON.stringify(toolName)},"input":{}}`;
  }
}

function writeDelta(unit: Unit): string {
  const text = JSON.stringify(unit.text);
  switch (unit.kind) {
    case "text":
      return `{"type":"text_delta","text":${text}}`;
    case "reasoning":
      return `{"type":"thinking_delta","thinking":${text}}`;
    case "tool":
      return `{"type":"input_json_delta","partial_json":${text}}`;
  }
}
