import { SseParser } from "@fairlead/openai";
import type { Provider, ProviderFaultInfo, StreamTranslator, Target } from "@fairlead/providers";
import { faults } from "../domain/faults.ts";
import type { AnswerLimits, AnswerReader } from "./answer-reader.ts";

/** A streamed answer: bytes → events → the client's events. */
export class StreamReader implements AnswerReader {
  readonly #translator: StreamTranslator;
  readonly #parser: SseParser;
  #text = "";
  #outputEvents = 0;
  #outputLength = 0;
  #isEnded = false;
  #fault: ProviderFaultInfo | undefined;

  constructor(provider: Provider, target: Target, limits: AnswerLimits) {
    const translator = provider.stream(target);
    this.#translator = translator;
    const { sseLineMax: lineMax, sseEventMax: eventMax } = limits;
    this.#parser = new SseParser((data, name) => this.#translate(data, name), {
      lineMax,
      eventMax,
    });
  }

  push(chunk: Buffer): string {
    if (this.#parser.push(chunk) !== undefined) {
      this.#fault ??= faults.tooLarge(200);
    }
    return this.#takeText();
  }

  end(isBroken: boolean): string {
    if (!this.#isEnded) {
      this.#isEnded = true;
      if (!isBroken) {
        this.#parser.end();
      }
      if (this.fault === undefined) {
        this.#text += this.#translator.end();
      }
    }
    return this.#takeText();
  }

  get fault(): ProviderFaultInfo | undefined {
    return this.#fault ?? this.#translator.fault;
  }

  get isDone(): boolean {
    return this.#translator.isDone;
  }

  get isEmpty(): boolean {
    return this.#translator.isEmpty;
  }

  get finishReason() {
    return this.#translator.finishReason;
  }

  get nativeFinishReason(): string {
    return this.#translator.nativeFinishReason;
  }

  get usage() {
    return this.#translator.usage;
  }

  get upstreamId(): string {
    return this.#translator.upstreamId;
  }

  get responseModel(): string {
    return this.#translator.responseModel;
  }

  get outputLength(): number {
    return this.#translator.outputLength;
  }

  get outputEvents(): number {
    return this.#outputEvents;
  }

  #translate(data: string, name: string): void {
    this.#text += this.#translator.push(data, name);
    // Hidden reasoning is output too: it was produced and is billed.
    const { outputLength } = this.#translator;
    if (outputLength > this.#outputLength) {
      this.#outputLength = outputLength;
      this.#outputEvents += 1;
    }
  }

  #takeText(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}
