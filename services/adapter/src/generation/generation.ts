import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AppError } from "@fairlead/errors";
import {
  type EndSchema,
  type GenerateRequest,
  type GenerateResponseSchema,
  ProviderFaultSchema,
} from "@fairlead/proto/adapter/v1/adapter";
import { Outcome } from "@fairlead/proto/usage/v1/usage";
import type { ProviderFaultInfo, Target } from "@fairlead/providers";
import type { ServerCall } from "@fairlead/rpc";
import type { ProviderBinding } from "../bindings/provider-binding.ts";
import { toTokens } from "../domain/complete-bill.ts";
import { type CountedUsage, completeUsage, noUsage } from "../domain/complete-usage.ts";
import { faults, refuseRequest } from "../domain/faults.ts";
import { redactFault } from "../domain/redact-fault.ts";
import type { Flushable } from "../upstream/flush-queue.ts";
import type { GenerationContext } from "./generation-context.ts";
import { prepareRequest, toTarget, toTimeouts } from "./prepare-request.ts";
import { type AttemptListener, UpstreamAttempt } from "./upstream-attempt.ts";

export type GenerateCall = ServerCall<typeof GenerateResponseSchema>;

/** One Generate call: what the upstream attempt yields becomes messages, a report and a bill. */
export class Generation implements AttemptListener, Flushable {
  readonly id: string;
  readonly #context: GenerationContext;
  readonly #call: GenerateCall;
  readonly #binding: ProviderBinding;
  readonly #endpointId: string;
  readonly #attemptNumber: number;
  readonly #target: Target;
  readonly #template: Uint8Array;
  readonly #arrivedAtMs: number;
  #attempt: UpstreamAttempt | undefined;
  #droppedParameters: readonly string[] = [];
  #promptLength = 0;
  #text = "";
  #isStarted = false;
  #isEnded = false;
  #firstTokenMs = 0;

  constructor(
    context: GenerationContext,
    request: GenerateRequest,
    call: GenerateCall,
    binding: ProviderBinding,
  ) {
    this.id = request.generationId;
    this.#context = context;
    this.#call = call;
    this.#binding = binding;
    this.#endpointId = request.endpointId;
    this.#attemptNumber = request.attempt;
    this.#target = toTarget(request);
    // A copy: the request's bytes are a view of everything that came with it.
    this.#template = Uint8Array.from(request.usageTemplate);
    this.#arrivedAtMs = context.now();
  }

  start(request: GenerateRequest): void {
    const { now, rateLimits, open } = this.#context;
    const { slug } = this.#binding;
    const waitMs = rateLimits.remainingMs(slug, this.#target.upstreamModel, now());
    if (waitMs > 0) {
      this.failed(faults.rateLimited(waitMs));
      return;
    }
    const prepared = this.#prepare(request);
    if (prepared === undefined) {
      return;
    }
    this.#droppedParameters = prepared.request.droppedParameters;
    this.#promptLength = prepared.promptLength;
    open.set(this.id, this);
    this.#call.onCancel(() => this.#cancel());
    this.#call.onDrain(() => this.#attempt?.resume());
    this.#attempt = new UpstreamAttempt(
      this.#context,
      {
        binding: this.#binding,
        target: this.#target,
        timeouts: toTimeouts(request.timeouts, this.#binding.timeouts),
        request: prepared.request,
        requestId: `${this.id}-${this.#attemptNumber}`,
        arrivedAtMs: this.#arrivedAtMs,
      },
      this,
    );
    this.#attempt.start();
  }

  /** The client went away: the provider stops, and the gateway gets the usage so far. */
  abort(): void {
    if (this.#isEnded) {
      return;
    }
    this.#attempt?.stop();
    this.#end(Outcome.CANCELLED, undefined);
  }

  output(text: string): void {
    if (this.#text === "") {
      this.#context.flushQueue.add(this);
    }
    this.#text += text;
    if (this.#firstTokenMs === 0) {
      this.#firstTokenMs = this.#elapsedMs();
    }
  }

  flush(): void {
    if (this.#text === "" || this.#isEnded) {
      return;
    }
    if (!this.#isStarted) {
      this.#sendStart();
    }
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    if (!this.#call.send(bytes)) {
      this.#attempt?.pause();
    }
  }

  finished(): void {
    this.#end(Outcome.COMPLETED, undefined);
  }

  failed(raw: ProviderFaultInfo): void {
    const fault = redactFault(raw, this.#binding.credential);
    if (this.#isStarted) {
      this.#end(Outcome.FAILED, fault);
      return;
    }
    // Whatever is in hand was not sent, so another endpoint may still answer.
    this.#close();
    this.#call.fail(
      new AppError(fault.code, fault.message, {
        ...(fault.param !== "" && { param: fault.param }),
        ...(fault.retryAfterMs > 0 && { retryAfterMs: fault.retryAfterMs }),
      }),
      toBinary(ProviderFaultSchema, create(ProviderFaultSchema, fault)),
    );
    this.#report(noUsage, fault, false);
  }

  /** The call itself is gone: nobody but us can bill what was produced. */
  #cancel(): void {
    if (this.#isEnded) {
      return;
    }
    this.#attempt?.stop();
    this.#close();
    const counted = this.#countUsage(false);
    // Before the first content the gateway may have moved on to another endpoint, whose bill has
    // the same id.
    if (this.#isStarted && this.#template.length > 0) {
      this.#context.bills.orphan(this.#template, this.#toBill(Outcome.CANCELLED, counted));
    }
    this.#report(counted, undefined, true);
  }

  #end(outcome: Outcome, fault: ProviderFaultInfo | undefined): void {
    if (outcome !== Outcome.CANCELLED || this.#isStarted) {
      this.flush();
    }
    this.#close();
    const counted = this.#countUsage(outcome === Outcome.COMPLETED);
    this.#call.send({ event: { case: "end", value: this.#toEnd(counted, fault) } });
    this.#call.end();
    if (this.#isStarted && this.#template.length > 0) {
      this.#context.bills.settle(this.id, this.#template, this.#toBill(outcome, counted));
    }
    this.#report(counted, fault, outcome === Outcome.CANCELLED);
  }

  #prepare(request: GenerateRequest) {
    try {
      return prepareRequest(this.#binding.provider, request.body, this.#target);
    } catch (error) {
      const known = AppError.from(error);
      if (known.code === "internal") {
        this.#context.warn(error, this.#binding);
      }
      this.failed(
        known.code === "internal"
          ? faults.internal()
          : refuseRequest(known.code, known.message, known.param),
      );
      return undefined;
    }
  }

  #sendStart(): void {
    this.#isStarted = true;
    const message: MessageInitShape<typeof GenerateResponseSchema> = {
      event: {
        case: "start",
        value: {
          upstreamId: this.#attempt?.reader?.upstreamId ?? "",
          connectUs: toMicroseconds(this.#attempt?.connectMs ?? 0),
          firstTokenUs: toMicroseconds(this.#firstTokenMs),
          droppedParameters: [...this.#droppedParameters],
        },
      },
    };
    this.#call.send(message);
  }

  #toEnd(
    counted: CountedUsage,
    fault: ProviderFaultInfo | undefined,
  ): MessageInitShape<typeof EndSchema> {
    const reader = this.#attempt?.reader;
    return {
      finishReason: fault === undefined ? (reader?.finishReason ?? "") : "error",
      nativeFinishReason: reader?.nativeFinishReason ?? "",
      usage: toTokens(counted.usage, counted.source),
      durationUs: toMicroseconds(this.#elapsedMs()),
      ...(fault !== undefined && { fault }),
      responseModel: reader?.responseModel ?? "",
    };
  }

  #toBill(outcome: Outcome, { usage, source }: CountedUsage) {
    const reader = this.#attempt?.reader;
    return {
      usage,
      source,
      outcome,
      finishReason: outcome === Outcome.FAILED ? "error" : (reader?.finishReason ?? ""),
      nativeFinishReason: reader?.nativeFinishReason ?? "",
      upstreamId: reader?.upstreamId ?? "",
      firstTokenMs: this.#firstTokenMs,
      durationMs: this.#elapsedMs(),
    };
  }

  #countUsage(isFinished: boolean): CountedUsage {
    const reader = this.#attempt?.reader;
    if (reader === undefined || !this.#isStarted) {
      return noUsage;
    }
    return completeUsage({
      usage: reader.usage,
      isFinished: isFinished || reader.finishReason !== undefined,
      promptLength: this.#promptLength,
      outputLength: reader.outputLength,
      outputEvents: reader.outputEvents,
    });
  }

  #report(counted: CountedUsage, fault: ProviderFaultInfo | undefined, isCancelled: boolean): void {
    if (this.#attempt?.hasReachedOut !== true) {
      return;
    }
    const durationMs = this.#elapsedMs();
    this.#context.report({
      binding: this.#binding,
      endpointId: this.#endpointId,
      attempt: this.#attemptNumber,
      model: this.#target.publicModel,
      upstreamModel: this.#target.upstreamModel,
      isStream: this.#target.isStream,
      traceparent: this.#call.traceparent,
      startedAtMs: Date.now() - durationMs,
      durationMs,
      firstTokenMs: this.#isStarted ? this.#firstTokenMs : 0,
      counted,
      finishReason: this.#attempt.reader?.finishReason ?? "",
      responseModel: this.#attempt.reader?.responseModel ?? "",
      upstreamId: this.#attempt.reader?.upstreamId ?? "",
      fault,
      isCancelled,
    });
  }

  #close(): void {
    this.#isEnded = true;
    this.#text = "";
    this.#context.open.delete(this.id);
  }

  #elapsedMs(): number {
    return this.#context.now() - this.#arrivedAtMs;
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000);
}
