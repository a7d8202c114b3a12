/** How one vendor's API differs from OpenAI's. Everything absent is as most vendors have it. */
export interface OpenAiVendor {
  readonly id: string;
  /** Undefined when it is the operator's to name (self-hosted servers). */
  readonly baseUrl?: string;
  /** Field of the answer's limit; `max_tokens` when absent. */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Whether `developer` is a role of its own; otherwise it becomes `system`. */
  readonly hasDeveloperRole?: boolean;
  /** How reasoning is asked for; `effort` (`reasoning_effort`) when absent. */
  readonly reasoning?: "effort" | "object" | "none";
  /** Field of an assistant message in which earlier reasoning is taken back. */
  readonly reasoningHistoryField?: "reasoning_content" | "reasoning";
  /** Whether usage of a stream has to be asked for; true when absent. */
  readonly asksStreamUsage?: boolean;
  /** Whether `GET /models` answers; true when absent. */
  readonly hasModelList?: boolean;
  /** Takes the whole canonical form: cache control, reasoning details, server tools. */
  readonly isCanonical?: boolean;
  /** Parameters that none of its models take: left out and reported. */
  readonly unsupported?: readonly string[];
  /** The same, where it depends on the model. */
  readonly unsupportedByModel?: (upstreamModel: string) => readonly string[];
  /** Efforts differ by model: the nearest one that this model takes. */
  readonly nearestEffort?: (effort: string, upstreamModel: string) => string;
  /** Constant fields of every request. */
  readonly extra?: (upstreamModel: string, isStream: boolean) => Readonly<Record<string, unknown>>;
}
