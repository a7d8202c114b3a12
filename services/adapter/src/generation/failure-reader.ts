import type { Provider, ProviderFaultInfo } from "@fairlead/providers";
import { faults } from "../domain/faults.ts";
import { BodyCollector } from "../upstream/body-collector.ts";
import type { AnswerLimits, AnswerReader } from "./answer-reader.ts";

type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer whose status is no success: its body says what was wrong. */
export class FailureReader implements AnswerReader {
  readonly #provider: Provider;
  readonly #httpStatus: number;
  readonly #headers: ResponseHeaders;
  readonly #body: BodyCollector;
  #fault: ProviderFaultInfo | undefined;

  constructor(
    provider: Provider,
    httpStatus: number,
    headers: ResponseHeaders,
    limits: AnswerLimits,
  ) {
    this.#provider = provider;
    this.#httpStatus = httpStatus;
    this.#headers = headers;
    this.#body = new BodyCollector(limits.errorBytesMax);
  }

  push(chunk: Buffer): string {
    this.#body.push(chunk);
    if (this.#body.isOverflown) {
      // The beginning says enough.
      this.end(true);
    }
    return "";
  }

  end(_isBroken: boolean): string {
    if (this.#fault === undefined) {
      const status = this.#httpStatus;
      this.#fault =
        status < 400
          ? faults.redirect(status)
          : this.#provider.error(status, this.#headers, this.#body.toString());
    }
    return "";
  }

  get fault(): ProviderFaultInfo | undefined {
    return this.#fault;
  }

  readonly isDone = false;
  readonly isEmpty = true;
  readonly finishReason = undefined;
  readonly nativeFinishReason = "";
  readonly usage = undefined;
  readonly upstreamId = "";
  readonly responseModel = "";
  readonly outputLength = 0;
  readonly outputEvents = 0;
}
