import type { FinishReason } from "@fairlead/openai";

/** The raw word is kept beside this one, so that an unknown reason is never lost. */
export function mapFinishReason(native: string): FinishReason {
  switch (native) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool_calls";
    case "refusal":
      return "content_filter";
    default:
      return "stop";
  }
}
