import type { Annotation, ImagePart, ReasoningDetail, TokenUsage } from "@fairlead/openai";
import { type JsonObject, readArray, readObject, readString } from "../shared/read.ts";
import { Translator } from "../shared/translator.ts";
import { readContent, readTyped } from "./content.ts";
import { convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { TextTemplate } from "./text-template.ts";
import { readArguments } from "./tool-calls.ts";
import { convertUsage } from "./usage.ts";

/** Reads `chat.completion.chunk` events of OpenAI and of those who imitate it. */
export class OpenAiStream extends Translator {
  /** The last one counts: some vendors repeat or accumulate it on every chunk. */
  #usage: JsonObject | undefined;
  #fingerprint = "";
  readonly #template = new TextTemplate();

  get usage(): TokenUsage | undefined {
    return convertUsage(this.#usage);
  }

  override push(data: string, eventName = ""): string {
    const isText = eventName !== "error" && !this.isDone && this.fault === undefined;
    const text = isText ? this.#template.match(data) : undefined;
    if (text !== undefined) {
      return this.pushText(text);
    }
    const output = super.push(data, eventName);
    if (output !== "" && isText && this.fault === undefined) {
      this.#template.learn(data);
    }
    return output;
  }

  protected translate(event: JsonObject, eventName: string): void {
    if ((event.error !== undefined && event.error !== null) || eventName === "error") {
      this.fault = convertInBandError(event);
      return;
    }
    if (this.upstreamId === "") {
      this.upstreamId = readString(event.id);
    }
    if (this.responseModel === "") {
      this.responseModel = readString(event.model);
    }
    const fingerprint = event.system_fingerprint;
    if (typeof fingerprint === "string" && fingerprint !== this.#fingerprint) {
      this.#fingerprint = fingerprint;
      this.encoder.setFingerprint(fingerprint);
    }
    const usage = readObject(event.usage) ?? readObject(readObject(event.x_groq)?.usage);
    if (usage !== undefined) {
      this.#usage = usage;
    }
    for (const item of readArray(event.choices)) {
      const choice = readObject(item);
      if (choice !== undefined) {
        this.#translateChoice(choice);
      }
    }
  }

  #translateChoice(choice: JsonObject): void {
    const index = Number.isSafeInteger(choice.index) ? Math.max(0, Number(choice.index)) : 0;
    const delta = readObject(choice.delta) ?? readObject(choice.message);
    if (delta !== undefined) {
      this.#translateDelta(index, delta, choice.logprobs);
    }
    const error = readObject(choice.error);
    if (error !== undefined) {
      this.fault = convertInBandError(choice);
      return;
    }
    const native = choice.finish_reason;
    if (typeof native === "string" && native !== "") {
      this.finish(
        index,
        mapFinishReason(native),
        readString(choice.native_finish_reason) || native,
      );
    }
  }

  #translateDelta(index: number, delta: JsonObject, logprobs: unknown): void {
    const { content } = delta;
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    if (reasoning !== undefined || delta.reasoning_details !== undefined) {
      this.emitReasoning(
        index,
        readString(reasoning),
        readTyped<ReasoningDetail>(delta.reasoning_details),
      );
    }
    if (typeof content === "string") {
      this.emitText(index, content, logprobs);
    } else if (content !== undefined && content !== null) {
      const parts = readContent(content);
      this.emitReasoning(index, parts.reasoning, undefined);
      this.emitText(index, parts.text, logprobs);
    }
    if (delta.tool_calls !== undefined) {
      this.#translateToolCalls(index, readArray(delta.tool_calls));
    }
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      this.emitDelta(index, { refusal: delta.refusal });
    }
    if (delta.annotations !== undefined) {
      this.emitAnnotations(index, readTyped<Annotation>(delta.annotations));
    }
    const images = readTyped<ImagePart>(delta.images);
    if (images.length > 0) {
      this.emitDelta(index, { images });
    }
    const audio = readObject(delta.audio);
    if (audio !== undefined) {
      this.emitDelta(index, { audio });
    }
  }

  #translateToolCalls(index: number, calls: readonly unknown[]): void {
    for (const item of calls) {
      const call = readObject(item);
      const definition = readObject(call?.function) ?? {};
      if (call === undefined) {
        continue;
      }
      const text = readArguments(definition.arguments);
      const delta = this.toolCalls(index).add({
        index: typeof call.index === "number" ? call.index : undefined,
        id: readString(call.id),
        name: readString(definition.name),
        arguments: text,
      });
      if (delta !== undefined) {
        this.outputLength += text.length;
        this.emitDelta(index, { tool_calls: [delta] });
      }
    }
  }
}
