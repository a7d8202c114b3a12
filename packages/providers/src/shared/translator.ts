import type {
  Annotation,
  ChatDelta,
  FinishReason,
  ReasoningDetail,
  TokenUsage,
} from "@fairlead/openai";
import type { ProviderFaultInfo, StreamTranslator, Target } from "../provider.ts";
import { ChatStreamEncoder } from "./chat-stream-encoder.ts";
import { endedEarly, unreadable } from "./fault.ts";
import { isEmptyAnswer } from "./is-empty-answer.ts";
import { type JsonObject, parseObject } from "./read.ts";
import { ToolCallTracker } from "./tool-call-tracker.ts";

/** Choices of one answer; more is an attack. */
const choicesMax = 128;

interface Choice {
  finishReason: FinishReason | undefined;
  nativeFinishReason: string;
  readonly toolCalls: ToolCallTracker;
}

/**
 * The state that every dialect's stream has in common. A dialect reads one event in `translate`
 * and calls the emitters; what they gather is returned by `push`. The finish chunk is held until
 * `end`, so that it is written exactly once, whatever the provider repeats or appends.
 */
export abstract class Translator implements StreamTranslator {
  hasContent = false;
  isDone = false;
  upstreamId = "";
  responseModel = "";
  fault: ProviderFaultInfo | undefined;
  outputLength = 0;
  protected readonly target: Target;
  protected readonly encoder: ChatStreamEncoder;
  readonly #choices: (Choice | undefined)[] = [];
  #output = "";
  #hasEnded = false;
  /** The provider produced something, even if it is not shown. */
  #hasProduced = false;

  constructor(target: Target) {
    this.target = target;
    this.encoder = new ChatStreamEncoder(target);
  }

  abstract get usage(): TokenUsage | undefined;

  /** Reads one event that is a JSON object. */
  protected abstract translate(event: JsonObject, eventName: string): void;

  push(data: string, eventName = ""): string {
    if (this.fault !== undefined || this.isDone) {
      return "";
    }
    if (data === "[DONE]") {
      this.isDone = true;
      return "";
    }
    const event = parseObject(data);
    if (event === undefined) {
      // An empty event is a heartbeat of some vendors.
      if (data.trim() !== "") {
        this.fault = unreadable("an event");
      }
      return "";
    }
    const hadContent = this.hasContent;
    try {
      this.translate(event, eventName);
    } catch {
      this.fault = unreadable("an event");
    }
    const output = this.#output;
    this.#output = "";
    if (this.isFaulty && !hadContent) {
      // Nothing is out yet: kept in, the request can still move to another endpoint.
      this.hasContent = false;
      return "";
    }
    return output;
  }

  /** As `push`, of an event that holds nothing but text of the first choice. */
  protected pushText(text: string): string {
    this.emitText(0, text);
    const output = this.#output;
    this.#output = "";
    return output;
  }

  end(): string {
    if (this.fault !== undefined || this.#hasEnded) {
      return "";
    }
    this.#hasEnded = true;
    if (!this.isDone && this.#choices[0]?.finishReason === undefined) {
      this.fault = endedEarly();
      return "";
    }
    this.isDone = true;
    this.choice(0);
    let output = "";
    for (const [index, choice] of this.#choices.entries()) {
      if (choice !== undefined) {
        output += this.encoder.finish(index, finalReason(choice), choice.nativeFinishReason);
      }
    }
    this.hasContent = true;
    return output;
  }

  /** A method, since control flow analysis does not see what `translate` sets. */
  private get isFaulty(): boolean {
    return this.fault !== undefined;
  }

  get finishReason(): FinishReason | undefined {
    const choice = this.#choices[0];
    return choice === undefined || (choice.finishReason === undefined && !this.#hasEnded)
      ? undefined
      : finalReason(choice);
  }

  get nativeFinishReason(): string {
    return this.#choices[0]?.nativeFinishReason ?? "";
  }

  get isEmpty(): boolean {
    return isEmptyAnswer(this.#hasProduced, this.finishReason, this.nativeFinishReason, this.usage);
  }

  protected finish(index: number, reason: FinishReason, native: string): void {
    const choice = this.choice(index);
    choice.finishReason = reason;
    choice.nativeFinishReason = native.slice(0, 128);
  }

  protected emitText(index: number, text: string, logprobs?: unknown): void {
    if (text === "" && (logprobs === undefined || logprobs === null)) {
      return;
    }
    this.outputLength += text.length;
    if (index === 0 && (logprobs === undefined || logprobs === null)) {
      this.#add(0, this.encoder.text(text));
    } else {
      this.#add(index, this.encoder.delta(index, { content: text }, logprobs));
    }
  }

  /** `text` is what people read; `details` is what the provider wants back. */
  protected emitReasoning(
    index: number,
    text: string,
    details: readonly ReasoningDetail[] | undefined,
  ): void {
    if (text === "" && (details === undefined || details.length === 0)) {
      return;
    }
    this.outputLength += text.length;
    if (this.target.isReasoningExcluded === true) {
      this.#hasProduced ||= text !== "";
      return;
    }
    const delta: ChatDelta = {};
    if (text !== "") {
      delta.reasoning = text;
    }
    if (details !== undefined && details.length > 0) {
      delta.reasoning_details = details;
    }
    // A signature alone says nothing: it does not make an answer.
    this.#add(index, this.encoder.delta(index, delta), text !== "");
  }

  protected emitAnnotations(index: number, annotations: readonly Annotation[]): void {
    if (annotations.length > 0) {
      this.emitDelta(index, { annotations });
    }
  }

  protected emitDelta(index: number, delta: ChatDelta): void {
    this.#add(index, this.encoder.delta(index, delta));
  }

  /** The tool calls of a choice so far; `emitDelta` writes what the tracker returns. */
  protected toolCalls(index: number): ToolCallTracker {
    return this.choice(index).toolCalls;
  }

  protected choice(index: number): Choice {
    let choice = this.#choices[index];
    if (choice === undefined) {
      if (index >= choicesMax) {
        throw new RangeError("too many choices");
      }
      choice = {
        finishReason: undefined,
        nativeFinishReason: "",
        toolCalls: new ToolCallTracker(this.target.generationId, index),
      };
      this.#choices[index] = choice;
    }
    return choice;
  }

  #add(index: number, output: string, isProduct = true): void {
    this.choice(index);
    this.#hasProduced ||= isProduct;
    this.hasContent = true;
    this.#output += output;
  }
}

/** A provider that says `stop` after tool calls means `tool_calls`. */
function finalReason(choice: Choice): FinishReason {
  const reason = choice.finishReason ?? "stop";
  return reason === "stop" && choice.toolCalls.count > 0 ? "tool_calls" : reason;
}
