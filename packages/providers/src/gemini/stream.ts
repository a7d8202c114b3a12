import type { TokenUsage } from "@fairlead/openai";
import { unreadable } from "../shared/fault.ts";
import { type JsonObject, readArray, readObject, readString } from "../shared/read.ts";
import { makeToolCallId } from "../shared/tool-call-tracker.ts";
import { Translator } from "../shared/translator.ts";
import { convertBlock, convertInBandError } from "./errors.ts";
import { mapFinishReason } from "./finish-reason.ts";
import { readGrounding, readImage } from "./parts.ts";
import { toReasoningDetail } from "./reasoning-format.ts";
import { convertUsage } from "./usage.ts";

/** Reads `streamGenerateContent?alt=sse`: each event is a partial answer; there is no end mark. */
export class GeminiStream extends Translator {
  /** Cumulative: the last one counts, but only one with a prompt's count is complete. */
  #usage: JsonObject | undefined;
  #signatures = 0;

  get usage(): TokenUsage | undefined {
    return convertUsage(this.#usage);
  }

  protected translate(event: JsonObject): void {
    if (event.error !== undefined && event.error !== null) {
      this.fault = convertInBandError(event);
      return;
    }
    this.upstreamId ||= readString(event.responseId);
    this.responseModel ||= readString(event.modelVersion);
    const usage = readObject(event.usageMetadata);
    if (usage !== undefined && typeof usage.promptTokenCount === "number") {
      this.#usage = usage;
    }
    const candidates = readArray(event.candidates);
    const blockReason = readString(readObject(event.promptFeedback)?.blockReason);
    if (blockReason !== "" && candidates.length === 0 && !this.hasContent) {
      this.fault = convertBlock(blockReason);
      return;
    }
    for (const item of candidates) {
      const candidate = readObject(item);
      if (candidate !== undefined) {
        this.#translateCandidate(candidate);
      }
    }
  }

  #translateCandidate(candidate: JsonObject): void {
    const index = Number.isSafeInteger(candidate.index) ? Math.max(0, Number(candidate.index)) : 0;
    for (const part of readArray(readObject(candidate.content)?.parts)) {
      this.#translatePart(index, readObject(part) ?? {});
    }
    const annotations = readGrounding(candidate);
    this.emitAnnotations(index, annotations);
    const native = readString(candidate.finishReason);
    if (native !== "") {
      this.finish(index, mapFinishReason(native), native);
    }
  }

  #translatePart(index: number, part: JsonObject): void {
    const call = readObject(part.functionCall);
    let toolCallId: string | null = null;
    if (call !== undefined) {
      toolCallId = this.#translateCall(index, call);
    } else if (part.thought === true) {
      this.emitReasoning(index, readString(part.text), undefined);
    } else {
      this.emitText(index, readString(part.text));
      const image = readImage(part);
      if (image !== undefined) {
        this.emitDelta(index, { images: [image] });
      }
    }
    const signature = readString(part.thoughtSignature);
    if (signature !== "") {
      this.emitReasoning(index, "", [toReasoningDetail(signature, toolCallId, this.#signatures)]);
      this.#signatures += 1;
    }
  }

  /** Calls come whole: argument streaming is a mode that we never ask for. */
  #translateCall(index: number, call: JsonObject): string | null {
    if (call.willContinue === true || call.partialArgs !== undefined) {
      this.fault = unreadable("a function call in parts");
      return null;
    }
    const name = readString(call.name);
    if (name === "") {
      return null;
    }
    const calls = this.toolCalls(index);
    const id = readString(call.id) || makeToolCallId(this.target.generationId, index, calls.count);
    const text = JSON.stringify(readObject(call.args) ?? {});
    const delta = calls.add({ index: undefined, id, name, arguments: text });
    if (delta !== undefined) {
      this.outputLength += text.length;
      this.emitDelta(index, { tool_calls: [delta] });
    }
    return id;
  }
}
