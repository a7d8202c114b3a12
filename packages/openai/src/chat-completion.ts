import type { Annotation, ImagePart, ReasoningDetail, ToolCall } from "./chat-request.ts";

/** Why generation ended, in the closed public vocabulary. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "error";

/** A whole answer in the public shape, without `usage`: the gateway adds that with the cost. */
export interface ChatCompletion {
  /** `gen-…`, ours; the provider's own id is kept apart. */
  readonly id: string;
  readonly object: "chat.completion";
  /** Unix seconds. */
  readonly created: number;
  /** Public id of the model that answered. */
  readonly model: string;
  /** Display name of the provider. */
  readonly provider: string;
  readonly system_fingerprint?: string;
  readonly service_tier?: string;
  readonly choices: readonly ChatChoice[];
}

export interface ChatChoice {
  readonly index: number;
  readonly logprobs: unknown;
  readonly finish_reason: FinishReason;
  /** The provider's own word, such as `end_turn`; null when it gave none. */
  readonly native_finish_reason: string | null;
  readonly message: ChatAnswer;
}

export interface ChatAnswer {
  readonly role: "assistant";
  readonly content: string | null;
  readonly refusal: string | null;
  readonly reasoning: string | null;
  readonly reasoning_details?: readonly ReasoningDetail[];
  readonly tool_calls?: readonly ToolCall[];
  readonly annotations?: readonly Annotation[];
  readonly images?: readonly ImagePart[];
  readonly audio?: unknown;
}

/** What one streamed chunk adds to the answer. */
export interface ChatDelta {
  role?: "assistant";
  content?: string;
  reasoning?: string;
  reasoning_details?: readonly ReasoningDetail[];
  tool_calls?: readonly ToolCallDelta[];
  refusal?: string;
  annotations?: readonly Annotation[];
  images?: readonly ImagePart[];
  audio?: unknown;
}

/** `id`, `type` and the name stand in a call's first delta only; `arguments` are text fragments. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function";
  readonly function: { readonly name?: string; readonly arguments: string };
}
