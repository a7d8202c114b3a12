import type { FinishReason } from "@fairlead/openai";

/** The raw word is kept beside this one, so that an unknown reason is never lost. */
export function mapFinishReason(native: string): FinishReason {
  switch (native) {
    case "length":
    case "max_tokens":
    case "model_length":
      return "length";
    case "tool_calls":
    case "function_call":
    case "tool_use":
      return "tool_calls";
    case "content_filter":
    case "safety":
    case "SAFETY":
      return "content_filter";
    case "error":
    case "insufficient_system_resource":
      return "error";
    default:
      return "stop";
  }
}
