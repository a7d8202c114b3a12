/** One content event, worth exactly one completion token. */
export interface Unit {
  readonly kind: "reasoning" | "text" | "tool";
  readonly text: string;
  /** For a tool: its place among the calls, and whether this unit opens it. */
  readonly toolIndex: number;
  readonly isFirst: boolean;
}

export interface ToolCall {
  readonly name: string;
  /** JSON text; cut short when the token limit was reached. */
  readonly arguments: string;
}

/** What the simulated model says, before any dialect has touched it. */
export interface Answer {
  readonly reasoning: string;
  readonly text: string;
  readonly tools: readonly ToolCall[];
  readonly units: readonly Unit[];
  readonly reasoningUnits: number;
  readonly finish: "stop" | "length" | "tools" | "refusal";
}
