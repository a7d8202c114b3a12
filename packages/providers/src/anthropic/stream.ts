import type { Annotation, TokenUsage } from "@fairlead/openai";
import { type JsonObject, readObject, readString } from "../shared/read.ts";
import { Translator } from "../shared/translator.ts";
import { convertCitation } from "./citations.ts";
import { convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { reasoningFormat } from "./reasoning-format.ts";
import { convertUsage } from "./usage.ts";

/** Reads the events of `POST /messages`; the event's name repeats its `type` and is not needed. */
export class AnthropicStream extends Translator {
  /** `message_delta` counts are cumulative and override those of `message_start`. */
  #usage: JsonObject | undefined;
  /** Ordinal of the open reasoning block; -1 before the first. */
  #reasoningIndex = -1;
  #textLength = 0;
  /** Where the open text block begins; its citations come before its end is known. */
  #blockStart = 0;
  #citations: unknown[] = [];
  /** Index of the open block when it is a call of the client's tools. */
  #openToolIndex: number | undefined;

  get usage(): TokenUsage | undefined {
    return convertUsage(this.#usage);
  }

  protected translate(event: JsonObject): void {
    switch (event.type) {
      case "content_block_delta":
        this.#translateDelta(readObject(event.delta) ?? {}, event.index);
        break;
      case "content_block_start":
        this.#openBlock(readObject(event.content_block) ?? {}, event.index);
        break;
      case "content_block_stop":
        this.#closeBlock();
        break;
      case "message_start": {
        const message = readObject(event.message);
        this.upstreamId = readString(message?.id);
        this.responseModel = readString(message?.model);
        this.#mergeUsage(message?.usage);
        break;
      }
      case "message_delta": {
        const native = readString(readObject(event.delta)?.stop_reason);
        if (native !== "") {
          this.finish(0, mapFinishReason(native), native);
        }
        this.#mergeUsage(event.usage);
        break;
      }
      case "message_stop":
        this.isDone = true;
        break;
      case "error":
        this.fault = convertInBandError(event);
        break;
      default:
      // ping and types to come carry nothing that is shown
    }
  }

  #mergeUsage(value: unknown): void {
    const usage = readObject(value);
    if (usage !== undefined) {
      this.#usage = { ...this.#usage, ...usage };
    }
  }

  #openBlock(block: JsonObject, index: unknown): void {
    switch (block.type) {
      case "text":
        this.#blockStart = this.#textLength;
        this.#addText(readString(block.text));
        break;
      case "thinking":
        this.#reasoningIndex += 1;
        this.#addThinking(readString(block.thinking));
        break;
      case "redacted_thinking":
        this.#reasoningIndex += 1;
        this.emitReasoning(0, "", [
          {
            type: "reasoning.encrypted",
            data: readString(block.data),
            format: reasoningFormat,
            index: this.#reasoningIndex,
          },
        ]);
        break;
      case "tool_use": {
        this.#openToolIndex = typeof index === "number" ? index : undefined;
        const input = readObject(block.input) ?? {};
        const isWhole = Object.keys(input).length > 0;
        this.#addToolCall({
          id: readString(block.id),
          name: readString(block.name),
          arguments: isWhole ? JSON.stringify(input) : "",
        });
        break;
      }
      default:
        this.#openToolIndex = undefined;
    }
  }

  #translateDelta(delta: JsonObject, index: unknown): void {
    switch (delta.type) {
      case "text_delta":
        this.#addText(readString(delta.text));
        break;
      case "thinking_delta":
        this.#addThinking(readString(delta.thinking));
        break;
      case "signature_delta":
        this.emitReasoning(0, "", [
          {
            type: "reasoning.text",
            signature: readString(delta.signature),
            format: reasoningFormat,
            index: Math.max(0, this.#reasoningIndex),
          },
        ]);
        break;
      case "input_json_delta":
        // Server tools stream their input too; theirs is not the client's to see.
        if (this.#openToolIndex !== undefined && this.#openToolIndex === index) {
          this.#addToolCall({ id: "", name: "", arguments: readString(delta.partial_json) });
        }
        break;
      case "citations_delta":
        this.#citations.push(delta.citation);
        break;
      default:
    }
  }

  #closeBlock(): void {
    if (this.#citations.length > 0) {
      const annotations: Annotation[] = [];
      for (const citation of this.#citations) {
        const annotation = convertCitation(citation, this.#blockStart, this.#textLength);
        if (annotation !== undefined) {
          annotations.push(annotation);
        }
      }
      this.#citations = [];
      this.emitAnnotations(0, annotations);
    }
  }

  #addText(text: string): void {
    this.#textLength += text.length;
    this.emitText(0, text);
  }

  #addThinking(text: string): void {
    if (text !== "") {
      this.emitReasoning(0, text, [
        {
          type: "reasoning.text",
          text,
          format: reasoningFormat,
          index: Math.max(0, this.#reasoningIndex),
        },
      ]);
    }
  }

  #addToolCall(call: { id: string; name: string; arguments: string }): void {
    const delta = this.toolCalls(0).add({ ...call, index: undefined });
    if (delta !== undefined) {
      this.outputLength += call.arguments.length;
      this.emitDelta(0, { tool_calls: [delta] });
    }
  }
}
