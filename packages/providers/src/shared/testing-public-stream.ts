import { type ChatDelta, SseParser, type ToolCall } from "@fairlead/openai";
import type { StreamTranslator } from "../provider.ts";

interface PublicChunk {
  readonly id: string;
  readonly model: string;
  readonly provider: string;
  readonly object: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: ChatDelta;
    readonly finish_reason: string | null;
    readonly native_finish_reason: string | null;
  }[];
}

/** What a client gathers of one streamed answer. */
export interface GatheredAnswer {
  readonly chunks: readonly PublicChunk[];
  readonly text: string;
  readonly reasoning: string;
  readonly details: readonly unknown[];
  readonly toolCalls: readonly ToolCall[];
  readonly finishReasons: readonly string[];
}

export function runStream(translator: StreamTranslator, events: readonly string[]): string {
  let output = "";
  for (const event of events) {
    output += translator.push(event);
  }
  return output + translator.end();
}

/** Reads the public SSE text as an SDK would: concatenation by index, choice 0. */
export function gatherStream(sse: string): GatheredAnswer {
  const chunks: PublicChunk[] = [];
  const parser = new SseParser((data) => chunks.push(JSON.parse(data)));
  parser.push(new TextEncoder().encode(sse));
  let text = "";
  let reasoning = "";
  const details: unknown[] = [];
  const calls: { id: string; type: "function"; function: { name: string; arguments: string } }[] =
    [];
  const finishReasons: string[] = [];
  for (const chunk of chunks) {
    for (const { delta, finish_reason: finish } of chunk.choices) {
      text += delta.content ?? "";
      reasoning += delta.reasoning ?? "";
      details.push(...(delta.reasoning_details ?? []));
      for (const call of delta.tool_calls ?? []) {
        const open = calls[call.index] ?? {
          id: call.id ?? "",
          type: "function",
          function: { name: "", arguments: "" },
        };
        open.function.name += call.function.name ?? "";
        open.function.arguments += call.function.arguments;
        calls[call.index] = open;
      }
      if (finish !== null) {
        finishReasons.push(finish);
      }
    }
  }
  return { chunks, text, reasoning, details, toolCalls: calls, finishReasons };
}
