import type { Unit } from "../../answer/answer.ts";
import type { Usage } from "../../answer/usage.ts";
import type { Exchange, StreamForm } from "../dialect.ts";
import { finishReasons, writeFunctionCall, writeTail } from "./write-answer.ts";
import { writeError } from "./write-error.ts";

/**
 * Gemini's events: no opening, running totals in each, no end marker. A function call comes whole,
 * with the unit that completes its arguments.
 */
export function createStream(exchange: Exchange): StreamForm {
  const { answer } = exchange;
  let reasoning = 0;
  let completion = 0;
  let argumentsText = "";

  function event(parts: string, finish: string, usage: Usage): string {
    return (
      `data: {"candidates":[{"content":{"parts":${parts},"role":"model"}${finish},"index":0}]` +
      `${writeTail(exchange, usage)}}\n\n`
    );
  }

  function unit(next: Unit): string {
    completion += 1;
    reasoning += next.kind === "reasoning" ? 1 : 0;
    const usage = { ...exchange.usage, completion, reasoning };
    const text = JSON.stringify(next.text);
    switch (next.kind) {
      case "text":
        return event(`[{"text":${text}}]`, "", usage);
      case "reasoning":
        return event(`[{"text":${text},"thought":true}]`, "", usage);
      case "tool": {
        argumentsText = next.isFirst ? next.text : argumentsText + next.text;
        const tool = answer.tools[next.toolIndex];
        return tool?.arguments === argumentsText
          ? event(JSON.stringify([writeFunctionCall(tool.name, tool.arguments)]), "", usage)
          : "";
      }
    }
  }

  return {
    open: () => "",
    unit,
    close: (usage) =>
      event('[{"text":""}]', `,"finishReason":"${finishReasons[answer.finish]}"`, usage),
    end: () => "",
    error: (refusal) => `data: ${writeError(refusal)}\n\n`,
  };
}
