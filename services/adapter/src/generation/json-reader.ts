import type { TokenUsage } from "@fairlead/openai";
import {
  encodeChatResponse,
  type Provider,
  type ProviderFaultInfo,
  type Target,
  type TranslatedAnswer,
} from "@fairlead/providers";
import { faults } from "../domain/faults.ts";
import { measureAnswer } from "../domain/measure-answer.ts";
import { BodyCollector } from "../upstream/body-collector.ts";
import type { AnswerLimits, AnswerReader } from "./answer-reader.ts";

/** An answer in one piece. Its text is the document up to, not with, its closing brace. */
export class JsonReader implements AnswerReader {
  readonly #provider: Provider;
  readonly #target: Target;
  readonly #body: BodyCollector;
  #answer: TranslatedAnswer | undefined;
  #fault: ProviderFaultInfo | undefined;
  #outputLength = 0;

  constructor(provider: Provider, target: Target, limits: AnswerLimits) {
    this.#provider = provider;
    this.#target = target;
    this.#body = new BodyCollector(limits.jsonBytesMax);
  }

  push(chunk: Buffer): string {
    this.#body.push(chunk);
    if (this.#body.isOverflown) {
      this.#fault ??= faults.tooLarge(200);
    }
    return "";
  }

  end(isBroken: boolean): string {
    if (this.#fault !== undefined || this.#answer !== undefined) {
      return "";
    }
    if (isBroken) {
      this.#fault = faults.cut("", 200);
      return "";
    }
    const body = this.#body.toString();
    if (body.trim() === "") {
      this.#fault = faults.empty(200);
      return "";
    }
    try {
      return this.#read(body);
    } catch {
      // The provider's doing whatever it is: what is hostile enough exhausts the stack.
      this.#answer = undefined;
      this.#fault = faults.malformed(200);
      return "";
    }
  }

  #read(body: string): string {
    const translated = this.#provider.response(body, this.#target);
    if (translated.fault !== undefined) {
      this.#fault = translated.fault;
      return "";
    }
    if (this.#target.isStream) {
      // Asked for events and got a document that is no error: nothing in it can be relied on.
      this.#fault = faults.malformed(200);
      return "";
    }
    this.#answer = translated;
    this.#outputLength = measureAnswer(translated.completion);
    return encodeChatResponse(translated.completion);
  }

  get fault(): ProviderFaultInfo | undefined {
    return this.#fault;
  }

  get isDone(): boolean {
    return false;
  }

  get isEmpty(): boolean {
    return this.#answer?.isEmpty ?? true;
  }

  get finishReason() {
    return this.#answer?.finishReason;
  }

  get nativeFinishReason(): string {
    return this.#answer?.nativeFinishReason ?? "";
  }

  get usage(): TokenUsage | undefined {
    return this.#answer?.usage;
  }

  get upstreamId(): string {
    return this.#answer?.upstreamId ?? "";
  }

  get responseModel(): string {
    return this.#answer?.responseModel ?? "";
  }

  get outputLength(): number {
    return this.#outputLength;
  }

  get outputEvents(): number {
    return 0;
  }
}
