import type { ToolCall } from "@fairlead/openai";
import { readArray, readObject, readString } from "../shared/read.ts";
import { makeToolCallId } from "../shared/tool-call-tracker.ts";

/** Arguments are text; some vendors send the object itself. */
export function readArguments(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

export function readToolCalls(
  value: unknown,
  generationId: string,
  choiceIndex: number,
): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  for (const item of readArray(value)) {
    const call = readObject(item);
    const definition = readObject(call?.function);
    if (call === undefined || definition === undefined) {
      continue;
    }
    const id = readString(call.id) || makeToolCallId(generationId, choiceIndex, calls.length);
    const text = readArguments(definition.arguments);
    calls.push({
      id,
      type: "function",
      function: { name: readString(definition.name), arguments: text },
    });
  }
  return calls;
}
