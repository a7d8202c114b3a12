import type { ChatCompletion } from "@fairlead/openai";

/** UTF-16 length of all text that an answer consists of: content, reasoning, tool calls. */
export function measureAnswer(completion: ChatCompletion): number {
  let length = 0;
  for (const { message } of completion.choices) {
    length += (message.content ?? "").length;
    length += (message.reasoning ?? "").length;
    length += (message.refusal ?? "").length;
    for (const { function: called } of message.tool_calls ?? []) {
      length += called.name.length + called.arguments.length;
    }
  }
  return length;
}
